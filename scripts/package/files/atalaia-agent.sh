#!/bin/sh
# Starts the agent, in this very process, with the Node that came with it.
lib=$(dirname "$(readlink -f "$0")")/../lib/atalaia-agent
# Left alone, glibc keeps some 40 MB of freed memory for later; so it gives freed batches back at once. V8's young heap would grow
# to 48 MB, which an agent does not need.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX-2}" MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_-262144}"
# Meant for other programs: they could load foreign code into this one or widen whom it trusts.
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS
exec "$lib/node" --max-semi-space-size=1 "$lib/agent.js" "$@"
