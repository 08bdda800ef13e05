// Requests and replies between messengers of Ceph's own, as its perf_msgr_server and perf_msgr_client do it.
//
// Debian's packages hold neither of the two, so this is the same work on the same library: MOSDOp with some bytes of data
// there, MOSDOpReply without data back, fast dispatch on both sides, stateless_server and lossless_client, no authentication,
// checksums on. Unlike there, time ends it, latencies are taken, there is no usleep(0), and the server answers in the thread
// that has read the request. What it knows of the library is in ceph-abi.h.
//
//   ceph-perf version                                                     says `fits`
//   ceph-perf serve <address> <how>                                       says `ready`; ends with its input
//   ceph-perf drive <address> <how> <bytes> <in flight> <warm ms> <ms>    says what it measured, as JSON
//
// How: `usual` is as above, with a thread that sends and waits while enough is in flight. `best` is the least work that can
// be asked of it: MPing, which has nothing to encode, and the next request is sent by the thread that has read a reply.
#include <sys/resource.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <vector>
#include "ceph-abi.h"

using Clock = std::chrono::steady_clock;
static CephContext *context;
static bool best;
static uint32_t requestBytes;
static list requestData;

static void *ping() {
  ceph_msg_header header{};
  ceph_msg_footer footer{};
  header.type = 2;
  header.priority = 127;
  header.version = header.compat = 1;
  footer.flags = 1;
  list front, middle, data;
  return decode_message(context, 0, header, footer, front, middle, data, {});
}

// One that was made here, not read, has nothing left to decode.
static void *op() {
  void *message = ceph::make_message<MOSDOp>().held;
  at<int64_t>(message, OP_POOL) = 1;
  at<bool>(message, OP_PARTIAL_DECODE) = at<bool>(message, OP_FINAL_DECODE) = false;
  return message;
}

static void *request(uint64_t tid) {
  void *message = best ? ping() : op();
  at<ceph_msg_header>(message, HEADER).tid = tid;
  if (requestBytes > 0) at<list>(message, DATA).append(requestData);
  return message;
}

static void *reply(void *to) {
  void *message = best ? ping() : ceph::make_message<MOSDOpReply>().held;
  at<ceph_msg_header>(message, HEADER).tid = at<ceph_msg_header>(to, HEADER).tid;
  return message;
}

static void send(void *connection, void *message) { ((AsyncConnection *)connection)->send_message((Message *)message); }

// Takes everything at once, in the thread that has read it.
class FastDispatcher {
  CephContext *cct = context;
 public:
  virtual ~FastDispatcher() {}
  virtual bool canFast(const Message *) const { return true; }
  virtual bool canFast2(const void *) const { return true; }
  virtual bool canFastAny() const { return true; }
  virtual void fast(Message *) { abort(); }
  virtual void fast2(Message *const &message) { take(message); }
  virtual void preprocess(Message *) {}
  virtual void preprocess2(const void *) {}
  virtual bool dispatch(Message *) { abort(); }
  virtual bool dispatch2(Message *const &message) { return take(message), true; }
  virtual void connected(Connection *) {}
  virtual void fastConnected(Connection *) {}
  virtual void accepted(Connection *) {}
  virtual void fastAccepted(Connection *) {}
  virtual bool reset(Connection *) { return true; }
  virtual void remoteReset(Connection *) {}
  virtual bool refused(Connection *) { return false; }
  virtual int authenticated(Connection *) { return 1; }
  virtual void take(void *message) { send(at<void *>(message, CONNECTION), reply(message)); }
};

// Keeps its requests in flight. Replies come in order, so a queue of start times is all that latencies take.
class Caller : public FastDispatcher {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Clock::time_point> starts;
  std::vector<double> latencies;
  Clock::time_point from, until;
  uint64_t count = 0, tid = 0;
  void *connection = nullptr;

  void next(Clock::time_point now) {
    starts.push_back(now);
    send(connection, request(++tid));
  }

 public:
  void take(void *) override {
    const auto now = Clock::now();
    std::lock_guard lock{mutex};
    if (now >= from && now < until) {
      count++;
      latencies.push_back(std::chrono::duration<double, std::micro>(now - starts.front()).count());
    }
    starts.pop_front();
    if (best && now < until) next(now);
    else changed.notify_one();
  }

  void run(void *to, size_t inflight, double warmMs, double ms) {
    const auto later = [](double ms) { return std::chrono::microseconds((int64_t)(ms * 1000)); };
    latencies.reserve(1 << 20);
    rusage before{}, after{};
    std::unique_lock lock{mutex};
    connection = to;
    from = Clock::now() + later(warmMs);
    until = from + later(ms);
    while (starts.size() < inflight) next(Clock::now());
    const auto sendUntil = [&](Clock::time_point end) {
      for (auto now = Clock::now(); now < end; now = Clock::now()) {
        if (changed.wait_until(lock, end, [&] { return !best && starts.size() < inflight; })) next(Clock::now());
      }
    };
    sendUntil(from);
    getrusage(RUSAGE_SELF, &before);
    sendUntil(until);
    getrusage(RUSAGE_SELF, &after);
    changed.wait(lock, [&] { return starts.empty(); });
    std::sort(latencies.begin(), latencies.end());
    const auto part = [&](double p) { return latencies.empty() ? 0 : latencies[(size_t)(p * (latencies.size() - 1))]; };
    const auto cpu = [](const rusage &usage) {
      return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    };
    printf("{\"count\":%llu,\"seconds\":%f,\"cpuSeconds\":%f,\"p50\":%f,\"p99\":%f,\"p999\":%f}\n",
           (unsigned long long)count, ms / 1000, cpu(after) - cpu(before), part(0.5), part(0.99), part(0.999));
    fflush(stdout);
  }
};

int main(int count, char **words) {
  if (count == 2) return puts("fits"), 0;  // The loader found every symbol.
  const std::string role = count > 1 ? words[1] : "";
  if (!(role == "serve" && count == 4) && !(role == "drive" && count == 8)) return 2;
  best = !strcmp(words[3], "best");
  void *cluster = nullptr;
  if (rados_create2(&cluster, "ceph", "client.admin", 0) < 0) return 3;
  context = rados_cct(cluster);
  common_init_finish(context);
  const bool serves = role == "serve";
  void *made = Messenger::create(context, "async+posix", entity_name_t{(uint8_t)(serves ? 4 : 8), 0}, role, serves ? 0 : getpid());
  auto *messenger = (AsyncMessenger *)made;
  messenger->set_default_policy(serves ? Policy{true, true, false, false, false} : Policy{false, false, false, true});
  at<AuthClient_ *>(made, AUTH_CLIENT) = new AuthClient_;
  at<AuthServer_ *>(made, AUTH_SERVER) = new AuthServer_;
  if (serves && messenger->bindv(vectorOf(words[2])) < 0) return 5;
  auto *caller = serves ? nullptr : new Caller;
  auto *dispatcher = serves ? new FastDispatcher : caller;
  at<std::deque<FastDispatcher *>>(made, DISPATCHERS).push_front(dispatcher);
  at<std::deque<FastDispatcher *>>(made, FAST_DISPATCHERS).push_front(dispatcher);
  messenger->ready();
  messenger->start();
  if (serves) {
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {}
  } else {
    requestBytes = atoi(words[4]);
    const std::string fill(requestBytes, 'c');
    requestData.append(fill.data(), requestBytes);
    void *connection = messenger->connect_to(4, vectorOf(words[2]), false, true).held;
    caller->run(connection, atoi(words[5]), atof(words[6]), atof(words[7]));
  }
  std::_Exit(0);
}
