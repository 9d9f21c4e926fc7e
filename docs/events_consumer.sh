#!/bin/sh
# New violations of partition 0 straight from the store, with redis-cli: the entry's id, then a line a field and a line a value; from the place that is
# kept in a file on (at first from the stream's begin), each once. The tests run it.
#
#   events_consumer.sh PORT PLACE_FILE        REDISCLI_AUTH and --user as redis-cli has them
place=$(cat "$2" 2>/dev/null || echo 0)
while :; do
    # Nothing within 5 s is an empty answer; so is a store that is away.
    entry=$(redis-cli -p "$1" XREAD COUNT 1 BLOCK 5000 STREAMS 'muck:{0}:violations' "$place" 2>/dev/null | tail -n +2)
    id=$(printf '%s\n' "$entry" | head -n 1)
    case $id in
    [0-9]*-[0-9]*)
        printf '%s\n' "$entry"
        printf '%s' "$id" >"$2.new" && mv "$2.new" "$2" && place=$id
        ;;
    *) sleep 1 ;;
    esac
done
