'use strict';

const LETTERS = 'tsomxnlhwa';
const MOMENTS = {
  t: 'inside', s: 'inside, the last part done', o: 'inside, one bit done',
  m: 'inside, all but one bit done', x: 'inside, some bits done', n: 'inside, nothing shows yet',
  l: 'inside, the first half done', h: 'inside, the second half done', w: 'inside, left weak',
  a: 'after it',
};
const PHASES = ['boot', 'first boot', 'install', 'run', 'download', 'enter'];
const UNIT = 4096;
const AREA_MAX = 8e6;
const SVG = 'http://www.w3.org/2000/svg';

const report = JSON.parse(document.getElementById('report').textContent);
const drawn = JSON.parse(document.getElementById('drawn').textContent);
const tip = document.getElementById('tip');
const redraws = [];

window.addEventListener('error', () => { document.documentElement.dataset.state = 'error'; });

/* --- small helpers ----------------------------------------------------------------------------- */

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {}))
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== undefined) node.setAttribute(name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function el(name, attributes, ...children) {
  return fill(document.createElement(name), attributes, children);
}

function svg(name, attributes, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function count(number, word) {
  return `${number.toLocaleString('en')} ${word}${number === 1 ? '' : 's'}`;
}

function hex(number) {
  return '0x' + number.toString(16).toUpperCase().padStart(6, '0');
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

function rgb(text) {
  return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
}

function mix(from, to, part) {
  return rgb(from).map((value, i) => Math.round(value + (rgb(to)[i] - value) * part));
}

function showTip(event, text) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + 'px';
  const below = event.clientY + 18 + box.height < innerHeight;
  tip.style.top = (below ? event.clientY + 18 : event.clientY - box.height - 10) + 'px';
}

function hideTip() {
  tip.hidden = true;
}

/* A command with a button that copies it. */
function command(text) {
  const button = el('button', {
    type: 'button',
    onclick: () => navigator.clipboard && navigator.clipboard.writeText(text).then(() => {
      button.textContent = 'copied';
    }),
  }, 'copy');
  return el('div', { class: 'command' }, el('code', {}, text), button);
}

function replayCommand(scenario, point) {
  const row = scenario.row || '';
  const quote = row ? "'" : '';
  return `brownout replay ${quote}${scenario.file}${row}:${point}${quote}`;
}

function legend(entries) {
  return el('ul', { class: 'legend' }, ...entries.map(([name, text]) => {
    const box = el('i', { style: `background: var(--${name})` });
    return el('li', {}, box, text);
  }));
}

/* --- operations and results -------------------------------------------------------------------- */

function operationAt(run, index) {
  const [code, offset, size] = run.operations.slice(3 * index, 3 * index + 3);
  return {
    phase: code >> 2, flash: code & 2 ? 'spi' : 'nvm', kind: code & 1 ? 'erase' : 'program',
    offset, size,
  };
}

function operationText(operation) {
  return `${operation.kind} ${operation.flash} ${hex(operation.offset)} +${operation.size}, ` +
    PHASES[operation.phase];
}

function resultText(result) {
  if (result.run === false) return 'not run: a failure ended the search before';
  const ends = result.runs === null ? 'nothing runs' : `${result.runs} runs`;
  if (result.claim) return `FAILS: ${result.claim}: ${result.text}`;
  return `${ends} after ${count(result.boots, 'boot')}`;
}

function resultColour(result, most) {
  if (result.run === false) return rgb(colour('cell-unrun'));
  if (result.claim) return rgb(colour('cell-fail'));
  const part = most > 1 ? (result.boots - 1) / (most - 1) : 0;
  return mix(colour('cell-ok'), colour('cell-slow'), part);
}

/* Every first cut: operation, letter, result, row. */
function firstCuts(map) {
  const cuts = [];
  for (const [number, letters, results, rows] of map.first)
    [...letters].forEach((letter, i) => {
      cuts.push({ number, letter, result: results[i], row: rows[i] });
    });
  return cuts;
}

/* Every second cut of a row, in order. */
function secondCuts(row) {
  const cuts = [];
  for (const [first, times, ...pattern] of row)
    for (let number = first; number < first + times; number++)
      for (let i = 0; i < pattern.length; i += 2)
        for (const letter of pattern[i]) cuts.push({ number, letter, result: pattern[i + 1] });
  return cuts;
}

/* --- the cut map ------------------------------------------------------------------------------- */

/*
 * A grid of cells that can be pointed at, by mouse and by arrow keys. at(x, y) gives {result, point,
 * text}, or null where nothing is.
 */
function grid(scenario, map, width, height, cell, at, label) {
  const canvas = el('canvas', { tabindex: 0, role: 'img', 'aria-label': label });
  const readout = el('div', { class: 'readout', 'aria-live': 'polite' },
    el('span', { class: 'dim' }, 'Point at a cell, or use the arrow keys; click or Enter keeps it.'));
  const most = Math.max(1, ...map.results.map((result) => result.boots || 1));
  const bin = Math.max(1, Math.ceil(Math.sqrt(width * height / AREA_MAX)));
  const columns = Math.ceil(width / bin), lines = Math.ceil(height / bin);
  let cursor = [0, 0];

  canvas.width = columns;
  canvas.height = lines;
  canvas.style.width = columns * cell[0] + 'px';
  canvas.style.height = lines * cell[1] + 'px';

  /* A failure among the cells of one pixel is never hidden by the others. */
  function worst(column, line) {
    let found = null;
    for (let y = line * bin; y < Math.min(height, (line + 1) * bin); y++)
      for (let x = column * bin; x < Math.min(width, (column + 1) * bin); x++) {
        const one = at(x, y);
        if (one && (!found || map.results[one.result].claim)) found = one;
      }
    return found;
  }

  function draw() {
    const context = canvas.getContext('2d');
    const image = context.createImageData(columns, lines);
    const none = rgb(colour('cell-none'));
    const colours = map.results.map((result) => resultColour(result, most));
    for (let line = 0; line < lines; line++)
      for (let column = 0; column < columns; column++) {
        const one = worst(column, line);
        const [red, green, blue] = one ? colours[one.result] : none;
        image.data.set([red, green, blue, 255], 4 * (line * columns + column));
      }
    context.putImageData(image, 0, 0);
  }

  function textOf(one) {
    return `${one.point}: ${one.text}. ${resultText(map.results[one.result])}.`;
  }

  function keep(one) {
    if (one)
      readout.replaceChildren(textOf(one), command(replayCommand(scenario, one.point)));
  }

  function pointed(event) {
    const box = canvas.getBoundingClientRect();
    cursor = [Math.floor((event.clientX - box.left) / cell[0]),
      Math.floor((event.clientY - box.top) / cell[1])];
    return worst(...cursor);
  }

  function move(event) {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const step = steps[event.key];
    if (!step && event.key !== 'Enter') return;
    event.preventDefault();
    if (step)
      cursor = [Math.max(0, Math.min(columns - 1, cursor[0] + step[0])),
        Math.max(0, Math.min(lines - 1, cursor[1] + step[1]))];
    keep(worst(...cursor));
  }

  fill(canvas, {
    onmousemove: (event) => {
      const one = pointed(event);
      if (one) showTip(event, textOf(one) + ' ' + replayCommand(scenario, one.point));
      else hideTip();
    },
    onmouseleave: hideTip,
    onclick: (event) => keep(pointed(event)),
    onkeydown: move,
  }, []);
  redraws.push(draw);
  draw();
  return [el('div', { class: 'scroll' }, canvas), readout];
}

function strip(scenario, map, control) {
  const letters = [...LETTERS].filter((letter) => map.first.some(([, has]) => has.includes(letter)));
  const cell = Math.max(1, Math.min(10, Math.floor(1050 / map.first.length)));
  const at = (x, y) => {
    const [number, has, results] = map.first[x];
    const i = has.indexOf(letters[y]);
    return i < 0 ? null : {
      result: results[i], point: `${number}${letters[y]}`,
      text: `cut ${MOMENTS[letters[y]]}, ${operationText(operationAt(control, number - 1))}`,
    };
  };
  return [
    el('p', { class: 'dim' }, `Operations of the control run from left to right; lines, from the ` +
      `top: ${letters.map((letter) => `${letter} ${MOMENTS[letter]}`).join('; ')}.`),
    ...grid(scenario, map, map.first.length, letters.length, [cell, 14], at,
      'Cut map: operation by moment'),
  ];
}

function square(scenario, map, control) {
  const firsts = firstCuts(map).filter((cut) => cut.row >= 0);
  const rows = map.rows.map(secondCuts);
  const width = Math.max(...rows.map((row) => row.length));
  const size = Math.max(1, Math.min(6, Math.floor(1050 / width)));
  const at = (x, y) => {
    const first = firsts[y], second = rows[first.row][x];
    return second ? {
      result: second.result,
      point: `${first.number}${first.letter}.${second.number}${second.letter}`,
      text: `first cut ${MOMENTS[first.letter]}, ` +
        `${operationText(operationAt(control, first.number - 1))}; second cut ` +
        `${MOMENTS[second.letter]}, operation ${second.number} of what follows`,
    } : null;
  };
  return [
    el('h4', {}, 'Second cuts'),
    el('p', { class: 'dim' }, `A line for each of ${count(firsts.length, 'first cut')}, from the ` +
      'top; in it all second cuts, from left to right. Further ones are not drawn.'),
    ...grid(scenario, map, width, firsts.length, [size, Math.min(size, 3)], at,
      'Cut map: first cut by second cut'),
  ];
}

function cutMap(scenario, map, control) {
  if (!map || !map.first.length || !control) return null;
  return el('section', {}, el('h3', {}, 'Cut map'),
    legend([['cell-ok', 'fewest boots'], ['cell-slow', 'most boots'], ['cell-fail', 'fails'],
      ['cell-unrun', 'not run, as the search had ended'], ['cell-none', 'no such moment']]),
    ...strip(scenario, map, control),
    ...(map.rows.length ? square(scenario, map, control) : []));
}

/* --- cut moment -> result ---------------------------------------------------------------------- */

function tally(map, control) {
  const groups = new Map();
  for (const cut of firstCuts(map)) {
    const operation = operationAt(control, cut.number - 1);
    const key = [operation.phase, operation.flash, operation.kind, LETTERS.indexOf(cut.letter)];
    const name = key.join();
    if (!groups.has(name))
      groups.set(name, { key, letter: cut.letter, operation, points: 0, failed: 0, unrun: 0,
        runs: new Set(), boots: [] });
    const group = groups.get(name), result = map.results[cut.result];
    group.points++;
    group.failed += Boolean(result.claim);
    group.unrun += result.run === false;
    if (result.run === false) continue;
    group.runs.add(result.runs === null ? 'nothing' : result.runs);
    group.boots.push(result.boots);
  }
  return [...groups.values()].sort((a, b) => a.key[0] - b.key[0] ||
    a.key[1].localeCompare(b.key[1]) || a.key[2].localeCompare(b.key[2]) || a.key[3] - b.key[3]);
}

function resultTable(map, control) {
  if (!map || !map.first.length || !control) return null;
  const heads = ['phase', 'flash', 'operation', 'power goes', 'points', 'runs in the end',
    'boots', 'failed'];
  const lines = tally(map, control).map((group) => {
    const least = Math.min(...group.boots), most = Math.max(...group.boots);
    const boots = group.boots.length ? (least === most ? `${least}` : `${least} to ${most}`) : '';
    return el('tr', { class: group.failed ? 'bad' : undefined },
      el('td', {}, PHASES[group.operation.phase]), el('td', {}, group.operation.flash),
      el('td', {}, group.operation.kind), el('td', {}, MOMENTS[group.letter]),
      el('td', { class: 'number' }, `${group.points}`), el('td', {}, [...group.runs].join(', ')),
      el('td', { class: 'number' }, boots), el('td', { class: 'number' }, `${group.failed}`));
  });
  return el('section', {}, el('h3', {}, 'Cut moment and result'),
    el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Cut moment and result' },
      el('table', {},
        el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
        el('tbody', {}, ...lines))));
}

/* --- timelines --------------------------------------------------------------------------------- */

const LANES = { nvm: { top: 34, height: 110 }, spi: { top: 164, height: 150 } };
const CHART_LEFT = 96, CHART_HEIGHT = 330;

/* The addresses of each flash that a run uses, in whole units. */
function ranges(run) {
  const used = { nvm: [Infinity, 0], spi: [Infinity, 0] };
  for (let i = 0; i < run.operations.length / 3; i++) {
    const { flash, offset, size } = operationAt(run, i);
    used[flash][0] = Math.min(used[flash][0], Math.floor(offset / UNIT) * UNIT);
    used[flash][1] = Math.max(used[flash][1], Math.ceil((offset + size) / UNIT) * UNIT);
  }
  for (const flash of ['nvm', 'spi'])
    if (!used[flash][1]) used[flash] = [0, run.units[flash === 'spi' ? 1 : 0] * UNIT];
  return used;
}

function lanePath(run, total, scale, kind, used) {
  let path = '';
  for (let i = 0; i < total; i++) {
    const operation = operationAt(run, i);
    if (operation.kind !== kind) continue;
    const lane = LANES[operation.flash];
    const [from, to] = used[operation.flash];
    const y = lane.top + (operation.offset - from) / (to - from) * lane.height;
    const long = Math.max(2, operation.size / (to - from) * lane.height);
    path += `M${(CHART_LEFT + (i + .5) * scale).toFixed(1)} ${y.toFixed(1)}v${long.toFixed(1)}`;
  }
  return svg('path', { d: path, fill: 'none', stroke: `var(--${kind})`,
    'stroke-width': Math.max(1.5, Math.min(4, scale * .8)) });
}

function phaseBand(run, total, scale) {
  const parts = [];
  for (let from = 0, i = 1; i <= total; i++) {
    const phase = run.operations[3 * from] >> 2;
    if (i < total && run.operations[3 * i] >> 2 === phase) continue;
    parts.push(svg('rect', { x: CHART_LEFT + from * scale, y: 16, width: (i - from) * scale,
      height: 10, fill: `var(--phase-${phase})` }));
    from = i;
  }
  return parts;
}

function laneFrame(name, used, wide) {
  const lane = LANES[name], [from, to] = used[name];
  return [
    svg('rect', { x: CHART_LEFT, y: lane.top, width: wide, height: lane.height, fill: 'none',
      stroke: 'var(--line)' }),
    svg('text', { x: CHART_LEFT - 6, y: lane.top + 10, 'text-anchor': 'end' }, `${name} ${hex(from)}`),
    svg('text', { x: CHART_LEFT - 6, y: lane.top + lane.height, 'text-anchor': 'end' }, hex(to)),
  ];
}

function markLines(run, scale) {
  let boots = 0, lastX = -99;
  const lines = [];
  for (const [kind, at, third] of run.marks) {
    if (kind === 'text') continue;
    const x = CHART_LEFT + at * scale, isCut = kind === 'cut';
    boots += !isCut;
    lines.push(svg('line', { x1: x, x2: x, y1: isCut ? 28 : 12, y2: CHART_HEIGHT - 14,
      stroke: isCut ? 'var(--cut)' : 'var(--dim)', 'stroke-dasharray': isCut ? undefined : '3 3',
      'stroke-width': isCut ? 2 : 1 }));
    if (isCut)
      lines.push(svg('text', { x: x + 3, y: CHART_HEIGHT - 2, style: 'fill: var(--cut)' },
        `cut ${third}`));
    else if (x - lastX > 44) {
      lines.push(svg('text', { x: x + 2, y: 11 }, `boot ${boots}`));
      lastX = x;
    }
  }
  return lines;
}

function timelineChart(run) {
  const total = run.operations.length / 3;
  const scale = Math.max(.5, Math.min(8, 960 / Math.max(1, total)));
  const wide = Math.max(60, total * scale), used = ranges(run);
  const readout = el('div', { class: 'readout mono', 'aria-live': 'polite' });
  const line = svg('line', { y1: 14, y2: CHART_HEIGHT - 14, stroke: 'var(--ink)',
    visibility: 'hidden' });
  let cursor = -1;

  function show(index) {
    if (!total) return;
    cursor = Math.max(0, Math.min(total - 1, index));
    const x = CHART_LEFT + (cursor + .5) * scale;
    fill(line, { x1: x, x2: x, visibility: 'visible' }, []);
    readout.textContent = `operation ${cursor + 1} of ${total}: ` +
      operationText(operationAt(run, cursor));
  }

  const chart = svg('svg', {
    width: CHART_LEFT + wide + 48, height: CHART_HEIGHT, tabindex: 0, role: 'img',
    'aria-label': `${total} flash operations of both flashes by address`,
    onmousemove: (event) => {
      const x = event.clientX - chart.getBoundingClientRect().left - CHART_LEFT;
      show(Math.floor(x / scale));
    },
    onkeydown: (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20 }[event.key];
      if (!step) return;
      event.preventDefault();
      show(cursor + step);
    },
  }, ...phaseBand(run, total, scale), ...laneFrame('nvm', used, wide),
  ...laneFrame('spi', used, wide), lanePath(run, total, scale, 'erase', used),
  lanePath(run, total, scale, 'program', used), ...markLines(run, scale), line);
  return [el('div', { class: 'scroll' }, chart), readout];
}

function logList(run) {
  let boots = 0;
  const lines = run.marks.map(([kind, , third, text]) => {
    boots += kind === 'boot';
    const seconds = kind === 'cut' ? '' : (third / 1000).toFixed(3);
    const what = kind === 'boot' ? 'starts' : kind === 'cut' ? `POWER CUT ${third}` : text;
    return el('li', { class: kind === 'cut' ? 'cutline' : undefined }, el('span', {}, `${boots}`),
      el('span', { class: 'dim' }, seconds), el('span', {}, what));
  });
  return el('details', {}, el('summary', {}, 'What the device said (boot, seconds)'),
    el('ol', { class: 'log mono', tabindex: 0 }, ...lines));
}

function heat(name, units, erases, across) {
  const canvas = el('canvas', { role: 'img', 'aria-label': `Wear of ${name}` });
  const by = new Map();
  for (let i = 0; i < erases.length; i += 2) by.set(erases[i], erases[i + 1]);
  const most = Math.max(0, ...by.values());
  const lines = Math.ceil(units / across), cell = 9;

  canvas.width = across;
  canvas.height = lines;
  canvas.style.width = across * cell + 'px';
  canvas.style.height = lines * cell + 'px';
  function draw() {
    const context = canvas.getContext('2d');
    const image = context.createImageData(across, lines);
    for (let i = 0; i < units; i++) {
      const worn = by.get(i) || 0;
      const part = most > 1 ? (worn - 1) / (most - 1) : 0;
      const shade = worn ? mix(colour('heat-1'), colour('heat-2'), part) : rgb(colour('heat-0'));
      image.data.set([...shade, 255], 4 * i);
    }
    context.putImageData(image, 0, 0);
  }
  fill(canvas, {
    onmousemove: (event) => {
      const box = canvas.getBoundingClientRect();
      const unit = Math.floor((event.clientY - box.top) / cell) * across +
        Math.floor((event.clientX - box.left) / cell);
      showTip(event, `${name} ${hex(unit * UNIT)}: ${count(by.get(unit) || 0, 'erase')}`);
    },
    onmouseleave: hideTip,
  }, []);
  redraws.push(draw);
  draw();
  return el('figure', { style: 'margin: 0' },
    el('figcaption', { class: 'dim' }, `${name}: ${by.size} of ${units} units erased, ` +
      `the busiest ${count(most, 'time')}`), canvas);
}

function runView(run) {
  return el('div', {}, ...timelineChart(run),
    legend([['program', 'program'], ['erase', 'erase'], ['cut', 'power cut'],
      ...PHASES.map((phase, i) => [`phase-${i}`, phase])]),
    logList(run), el('h4', {}, 'Wear'),
    el('div', { class: 'heats' }, heat('nvm', run.units[0], run.wear.nvm, 32),
      heat('spi', run.units[1], run.wear.spi, 64)));
}

function timelines(runs) {
  if (!runs.length) return null;
  const place = el('div', {}, runView(runs[0]));
  const choice = el('select', {
    'aria-label': 'Run', onchange: () => place.replaceChildren(runView(runs[choice.value])),
  }, ...runs.map((run, i) => el('option', { value: i },
    run.point === '0' ? 'control run, no cut' : `failure ${run.point}`)));
  return el('section', {}, el('h3', {}, 'Timeline ', choice), place);
}

/* --- scenarios --------------------------------------------------------------------------------- */

function stepText(step) {
  const begin = `boot ${step.boot}  ${step.phase.padEnd(10)}  `;
  if (step.kind === 'read') return begin + 'a weak unit reads as before its erase';
  return begin + `op ${String(step.operation).padEnd(4)} ${step.kind.padEnd(7)} ${step.flash} ` +
    `${hex(step.offset)} +${String(step.size).padEnd(5)} power cut: ${step.moment}`;
}

function failureView(failure) {
  const lines = failure.steps.map(stepText);
  lines.push((failure.boots ? `boot ${failure.boots}  ` : '') + failure.text);
  const more = failure.points - 1;
  return el('article', { class: 'failure' },
    el('h4', {}, el('span', { class: 'fail' }, failure.claim), ` at ${failure.point}`),
    el('pre', {}, lines.join('\n')),
    more > 0 ? el('p', { class: 'dim' }, `also ${count(more, 'more point')}: same claim, same ` +
      `phase${failure.like.map((point) => ', ' + point).join('')}`) : null,
    command(failure.replay));
}

function closedText(scenario) {
  if (scenario.closed === undefined) return null;
  return el('p', {}, scenario.closed
    ? `Closed: ${count(scenario.states, 'state')}, any number of cuts (up to file-system layout ` +
      'and boot control history).'
    : `Not closed, to depth ${scenario.depth}.`);
}

function inside(scenario, data) {
  const runs = (data.runs || []).filter(Boolean);
  const control = runs.find((run) => run.point === '0');
  return el('div', { class: 'inside' }, el('p', {}, scenario.why),
    scenario.setting ? el('p', { class: 'dim' }, `Row: ${scenario.setting}`) : null,
    scenario.fault ? el('p', { class: 'fault' }, scenario.fault) : null,
    el('p', { class: 'dim' }, `${scenario.file}; ${count(scenario.points, 'point')}, ` +
      `${count(scenario.states, 'state')}, ${scenario.skipped} of them skipped, as a stage like ` +
      `theirs was run; ${count(scenario.boots, 'boot')}, ` +
      `${count(scenario.operations, 'operation')}.`),
    closedText(scenario), ...scenario.failures.map(failureView),
    cutMap(scenario, data.map, control), resultTable(data.map, control), timelines(runs));
}

function scenarioId(scenario) {
  return 's-' + scenario.name;
}

function scenarioView(scenario, data) {
  const words = { passed: 'pass', failed: 'fail', fault: 'fault' };
  const box = el('details', { class: 'scenario', id: scenarioId(scenario) },
    el('summary', {},
      el('span', { class: 'badge ' + words[scenario.verdict] }, words[scenario.verdict]),
      el('span', {}, scenario.name),
      el('span', { class: 'number' }, count(scenario.points, 'point')),
      el('span', { class: 'number' }, count(scenario.states, 'state')),
      el('span', { class: 'number' }, scenario.seconds.toFixed(2) + ' s')));
  let isFilled = false;
  box.fillOnce = () => {
    if (isFilled) return;
    isFilled = true;
    box.append(inside(scenario, data));
  };
  box.addEventListener('toggle', () => box.open && box.fillOnce());
  return box;
}

function open(box) {
  box.fillOnce();
  box.open = true;
}

function openAll() {
  document.querySelectorAll('details.scenario:not([hidden])').forEach(open);
}

/* A link to a scenario opens it. */
function followHash() {
  const id = decodeURIComponent(location.hash.slice(1));
  const target = document.getElementById(id);
  if (id === 'all') openAll();
  else if (target && target.fillOnce) {
    open(target);
    target.scrollIntoView();
  }
}

/* --- the page ---------------------------------------------------------------------------------- */

function tiles(totals) {
  const values = [['scenarios', totals.scenarios], ['passed', totals.passed],
    ['failed', totals.failed], ['points', totals.points], ['states', totals.states],
    ['skipped states', totals.skipped], ['boots', totals.boots],
    ['flash operations', totals.operations]];
  if (totals.any) values.push(['closed, any number of cuts', `${totals.closed} of ${totals.any}`]);
  return el('ul', { class: 'tiles' }, ...values.map(([name, value]) =>
    el('li', {}, el('b', {}, value.toLocaleString('en')), name)));
}

function link(scenario) {
  return el('a', { href: '#' + encodeURIComponent(scenarioId(scenario)) }, scenario.name);
}

function failedList(scenarios) {
  const failed = scenarios.filter((scenario) => scenario.verdict !== 'passed');
  if (!failed.length) return null;
  return el('nav', { 'aria-label': 'Failed scenarios' }, el('h2', {}, 'Failed'),
    el('ul', {}, ...failed.map((scenario) => el('li', {}, link(scenario)))));
}

function filterTools() {
  const field = el('input', { type: 'search', placeholder: 'filter by name', 'aria-label':
    'Filter by name', oninput: () => {
    for (const box of document.querySelectorAll('details.scenario'))
      box.hidden = !box.id.slice(2).includes(field.value.trim().toLowerCase());
    for (const group of document.querySelectorAll('section.theme'))
      group.hidden = !group.querySelector('details.scenario:not([hidden])');
  } });
  return el('div', { class: 'tools' }, field,
    el('button', { type: 'button', onclick: openAll }, 'open all'),
    el('button', { type: 'button', onclick: () => {
      document.querySelectorAll('details.scenario').forEach((box) => { box.open = false; });
    } }, 'close all'));
}

function themesOf(scenarios) {
  const themes = new Map();
  scenarios.forEach((scenario, i) => {
    if (!themes.has(scenario.theme)) themes.set(scenario.theme, []);
    themes.get(scenario.theme).push([scenario, drawn[i] || {}]);
  });
  return themes;
}

function drawPage() {
  const { totals, scenarios } = report;
  const themes = themesOf(scenarios);
  const verdict = document.getElementById('verdict');
  verdict.textContent = `${totals.passed} passed, ${totals.failed} failed, in ` +
    `${totals.seconds.toFixed(1)} s`;
  verdict.className = totals.failed ? 'fail' : 'pass';
  document.getElementById('summary').append(...[tiles(totals), failedList(scenarios),
    el('nav', { 'aria-label': 'Themes' }, el('ul', {}, ...[...themes.keys()].map((theme) =>
      el('li', {}, el('a', { href: '#' + encodeURIComponent('t-' + theme) }, theme))))),
    filterTools()].filter(Boolean));
  document.getElementById('scenarios').append(...[...themes].map(([theme, list]) =>
    el('section', { class: 'theme', id: 't-' + theme }, el('h2', {}, theme),
      ...list.map(([scenario, data]) => scenarioView(scenario, data)))));
  for (const scenario of scenarios)
    if (scenario.verdict !== 'passed') open(document.getElementById(scenarioId(scenario)));
  followHash();
  document.documentElement.dataset.state = 'ready';
}

addEventListener('hashchange', followHash);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
  redraws.forEach((draw) => draw()));
drawPage();
