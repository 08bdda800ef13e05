#!/bin/bash
# Stops only the processes whose pids up.sh wrote in $RUN (checked by command name first).
: "${RUN:?}"
alive() { local s; s=$(sed 's/.*) //; s/ .*//' /proc/$1/stat 2>/dev/null) && [ -n "$s" ] && [ "$s" != Z ]; }
for f in mgr osd0 mon; do
  [ -e "$RUN/$f.pid" ] || continue; p=$(cat "$RUN/$f.pid")
  if [ "$(cat /proc/$p/comm 2>/dev/null)" = "ceph-${f%0}" ]; then
    kill $p; for i in $(seq 60); do alive $p || break; sleep 0.02; done
    alive $p && { echo "$f did not end on TERM, KILL"; kill -9 $p; }
  fi
  rm -f "$RUN/$f.pid"
done
[ "${KEEP:-0}" = 1 ] || rm -rf "$RUN/osd0" "$RUN/mon"
exit 0
