# bash completion for brownout: its commands and options are those that its help texts list.
_brownout() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words

    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        words=$("${COMP_WORDS[0]}" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')
    elif [[ $word == -* ]]; then
        words=$("${COMP_WORDS[0]}" "$command" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' |
            sort -u)
    elif [[ $command == words ]]; then
        words=$("${COMP_WORDS[0]}" words 2>/dev/null | sed -n 's/^\([a-z][a-z-]*\): .*/\1/p')
    else
        compopt -o default 2>/dev/null
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _brownout brownout
