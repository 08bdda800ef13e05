#!/bin/bash
# Single-node Ceph (Debian 12, 16.2.15) on loopback: 1 mon + 1 memstore osd [+ mgr].
# usage: [AUTH=none|cephx] [MODE=crc|secure] [V1=0|1] [MGR=0|1] RUN=folder PORT=number [MEM=1Gi] up.sh
# BIND=13310: the mon really listens on BIND while it is known as PORT (run a TCP proxy PORT->BIND first: it must pass target_addr checks)
# EXTRA: more lines for [global]
# MODE: crc  = every connection crc;  secure = every connection secure (needs AUTH=cephx)
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
AUTH=${AUTH:-none}; MODE=${MODE:-crc}; V1=${V1:-0}; MGR=${MGR:-0}
PORT=${PORT:?}; V1PORT=$((PORT+1)); MEM=${MEM:-1Gi}; BIND=${BIND:-}
T0=$(date +%s.%N); el() { printf '%6.2fs %s\n' "$(echo "$(date +%s.%N) - $T0" | bc)" "$*"; }
[ -e "$RUN/mon.pid" ] && kill -0 "$(cat $RUN/mon.pid)" 2>/dev/null && { echo "already up in $RUN"; exit 1; }
# Take the port ONLY if nobody listens on it.
if ss -ltnH "sport = :${BIND:-$PORT}" | grep -q .; then echo "port ${BIND:-$PORT} is busy"; exit 1; fi
trap 'rc=$?; [ $rc = 0 ] || { echo "up.sh failed ($rc)"; RUN=$RUN KEEP=1 "$(dirname "$0")/down.sh"; }' EXIT
rm -rf "$RUN"; mkdir -p "$RUN"/{mon,osd0,mgr,asok}
FSID=$(cat /proc/sys/kernel/random/uuid)
ADDR="v2:127.0.0.1:$PORT/0"; [ "$V1" = 1 ] && ADDR="$ADDR,v1:127.0.0.1:$V1PORT/0"
V1B=false; [ "$V1" = 1 ] && V1B=true
cat > $RUN/ceph.conf <<C
[global]
fsid = $FSID
mon host = [$ADDR]
auth cluster required = $AUTH
auth service required = $AUTH
auth client required = $AUTH
ms bind msgr1 = $V1B
ms bind msgr2 = true
ms cluster mode = $MODE
ms service mode = $MODE
ms client mode = $MODE
ms mon cluster mode = $MODE
ms mon service mode = $MODE
ms mon client mode = $MODE
public addr = 127.0.0.1
cluster addr = 127.0.0.1
keyring = $RUN/keyring
run dir = $RUN
admin socket = $RUN/asok/\$name.\$pid.asok
log file = $RUN/\$name.log
mon cluster log file = $RUN/cluster.log
pid file =
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon allow pool delete = true
mon warn on pool no redundancy = false
auth allow insecure global id reclaim = false
mon data avail warn = 1
mon data avail crit = 1
paxos propose interval = 0.05
paxos min wait = 0.01
mon mgr beacon grace = 60
${EXTRA:-}
[mon.a]
mon data = $RUN/mon
${BIND:+public bind addr = v2:127.0.0.1:$BIND/0}
[mgr.x]
mgr data = $RUN/mgr
[osd]
osd objectstore = memstore
memstore device bytes = $MEM
osd data = $RUN/osd\$id
osd journal =
osd heartbeat grace = 120
osd max object name len = 256
osd max object namespace len = 64
C
export CEPH_CONF=$RUN/ceph.conf
OPTS="-c $RUN/ceph.conf"
if [ "$AUTH" = cephx ]; then
  ceph-authtool --create-keyring $RUN/keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
  ceph-authtool $RUN/keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mds 'allow *' --cap mgr 'allow *' >/dev/null
  ceph-authtool $RUN/keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *' >/dev/null
  ceph-authtool $RUN/keyring --gen-key -n mgr.x --cap mon 'allow profile mgr' --cap osd 'allow *' --cap mds 'allow *' >/dev/null
  KR="--keyring $RUN/keyring"
else KR=""; fi
monmaptool --create --clobber --fsid $FSID --enable-all-features --addv a "[$ADDR]" $RUN/monmap >/dev/null
ceph-mon $OPTS -i a --mkfs --monmap $RUN/monmap $KR
el "mon mkfs done"
setsid ceph-mon $OPTS -i a -f >$RUN/mon.out 2>&1 & echo $! >$RUN/mon.pid
UUID=$(cat /proc/sys/kernel/random/uuid)
# The osd formats its (in-memory) store while the mon elects itself.
ceph-osd $OPTS -i 0 --mkfs --osd-uuid $UUID >$RUN/osd.mkfs.out 2>&1 &
MK=$!
# one librados session does everything the `ceph` tool would do in several 0.3 s starts
/usr/bin/python3 - "$RUN/ceph.conf" "$UUID" "$AUTH" "$RUN/keyring" <<'P'
import sys, json, rados
conf, uuid, auth, kr = sys.argv[1:5]
c = rados.Rados(conffile=conf, name='client.admin'); c.connect(timeout=20)
def cmd(inbuf=b'', **k):
    r, out, err = c.mon_command(json.dumps(k), inbuf, 20)
    if r < 0: sys.exit('%s: %s %s' % (k, r, err))
    return out
if auth == 'cephx':
    cmd(prefix='auth import', inbuf=open(kr, 'rb').read())
cmd(prefix='osd new', uuid=uuid)                       # -> osd.0
P
wait $MK
el "mon quorum, osd mkfs done"
setsid ceph-osd $OPTS -i 0 -f >$RUN/osd0.out 2>&1 & echo $! >$RUN/osd0.pid
if [ "$MGR" = 1 ]; then setsid ceph-mgr $OPTS -i x -f >$RUN/mgr.out 2>&1 & echo $! >$RUN/mgr.pid; fi
/usr/bin/python3 - "$RUN/ceph.conf" <<'P'
import sys, json, time, rados
c = rados.Rados(conffile=sys.argv[1], name='client.admin'); c.connect(timeout=20)
def cmd(**k):
    r, out, err = c.mon_command(json.dumps(k), b'', 20)
    if r < 0: sys.exit('%s: %s %s' % (k, r, err))
    return out
end = time.time() + 30
while json.loads(cmd(prefix='osd stat', format='json'))['num_up_osds'] < 1:
    if time.time() > end: sys.exit('osd.0 did not come up')
    time.sleep(0.05)
cmd(prefix='osd pool create', pool='lab', pg_num=8)
cmd(prefix='osd pool application enable', pool='lab', app='lab')
io = c.open_ioctx('lab'); io.write_full('ready', b'1'); assert io.read('ready') == b'1'
P
el "UP: auth=$AUTH mode=$MODE mon=[$ADDR] conf=$RUN/ceph.conf"
