# Make as the engine: make -f cluster/shares.mk -j4 SHARES=16 [SCENARIOS=...] [BROWNOUT=...]
# A share that is there is not run again; one that was interrupted goes on.
BROWNOUT ?= brownout
SCENARIOS ?= scenarios
SHARES ?= 4
OUT ?= brownout-out
numbers := $(shell seq $(SHARES))
parts := $(numbers:%=$(OUT)/share-%.json)

$(OUT)/report.json: $(parts)
	$(BROWNOUT) merge $^ --json $@

# A verdict that failed is one of the report.
$(OUT)/share-%.json:
	@mkdir -p $(OUT)
	$(BROWNOUT) run $(SCENARIOS) -j1 --shard $*/$(SHARES) --resume $(OUT)/resume-$*.json \
		--json $@ >$(OUT)/log-$* || [ $$? -eq 1 ]
