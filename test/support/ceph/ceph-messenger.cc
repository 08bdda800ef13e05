// A messenger of Ceph's own, driven by lines: the C++ end of the tests of src/ceph/msgr2.
//
// It is linked with libceph-common.so.2; what it knows of the objects in there is in ceph-abi.h.
//
//   ceph-messenger <name> <address or -> <policy> [option=value ...]    with $NONCE and, behind a proxy, $ADVERTISE;
//                                                                   $SUPPORTED and $REQUIRED are bits of features
//   ceph-messenger version                                             says `fits`
// With mon_host among the options it logs in at that monitor by its own name, and proves and checks names with cephx.
//
// $THROTTLE is the bytes that its policy lets in at once; $FAST: messages are dispatched where they are read.
//
// stdin:  connect <type> <address or vector> · send <n> <first tid> <count> <bytes> · keepalive <n> · echo · quit
//         down <n> · down-all · disposable <n>: what is marked down, and what is lossy from now on
//         parts <n> <tid> <priority> <front> <middle> <data bytes>: a message whose bytes are its tid
// stdout: ready · connection <n> · got <n> <tid> <bytes> <priority>, lengths and checksums · connected|accepted|reset|remote-reset|refused <n> · bye
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <iostream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>
#include "ceph-abi.h"
#include "ceph-login.h"

static std::mutex mutex;
static std::map<void *, int> numbers;
static std::vector<void *> connections;
static std::atomic<bool> echo{false};
static CephContext *context;

static int numberOf(void *connection) {
  auto [found, isNew] = numbers.emplace(connection, (int)connections.size());
  if (isNew) {
    ((ceph::common::RefCountedObject *)connection)->_get();
    connections.push_back(connection);
  }
  return found->second;
}

static void tell(const char *what, void *connection) {
  std::lock_guard lock{mutex};
  printf("%s %d\n", what, numberOf(connection));
}

static void put(list &into, uint32_t &length, const std::string &bytes) {
  length = bytes.size();
  if (length > 0) into.append(bytes.data(), length);
}

static Message *ping(uint64_t tid, const std::string &data, const std::string &front = "",
                     const std::string &middle = "", int priority = 127) {
  ceph_msg_header header{};
  ceph_msg_footer footer{};
  header.tid = tid;
  header.type = 2;
  header.priority = priority;
  header.version = header.compat = 1;
  footer.flags = 1;
  list lists[3];
  uint32_t lengths[3];
  put(lists[0], lengths[0], front);
  put(lists[1], lengths[1], middle);
  put(lists[2], lengths[2], data);
  header.front = lengths[0], header.middle = lengths[1], header.data = lengths[2];
  return decode_message(context, 0, header, footer, lists[0], lists[1], lists[2], {});
}

class Dispatcher_ {
  CephContext *cct = context;
 public:
  virtual ~Dispatcher_() {}
  virtual bool canFast(const Message *) const { return true; }
  virtual bool canFast2(const void *) const { return true; }
  virtual bool canFastAny() const { return getenv("FAST") != nullptr; }
  virtual void fast(Message *) { abort(); }
  virtual void fast2(Message *const &message) { dispatch2(message); }
  virtual void preprocess(Message *) {}
  virtual void preprocess2(const void *) {}
  virtual bool dispatch(Message *) { abort(); }
  virtual bool dispatch2(Message *const &message) {
    void *object = message;
    auto &header = at<ceph_msg_header>(object, HEADER);
    auto &data = at<list>(object, DATA);
    void *connection = at<void *>(object, CONNECTION);
    {
      std::lock_guard lock{mutex};
      auto &front = at<list>(object, FRONT), &middle = at<list>(object, MIDDLE);
      printf("got %d %llu %u %u %u %u %u %u %u\n", numberOf(connection), (unsigned long long)header.tid, data.bytes,
             header.priority, front.bytes, middle.bytes, front.crc32c(0), middle.crc32c(0), data.crc32c(0));
    }
    if (echo) {
      std::string fill(data.bytes, 'e');
      ((AsyncConnection *)connection)->send_message(ping(header.tid, fill));
    }
    return true;
  }
  virtual void connected(Connection *connection) { tell("connected", connection); }
  virtual void fastConnected(Connection *) {}
  virtual void accepted(Connection *connection) { tell("accepted", connection); }
  virtual void fastAccepted(Connection *) {}
  virtual bool reset(Connection *connection) { return tell("reset", connection), true; }
  virtual void remoteReset(Connection *connection) { tell("remote-reset", connection); }
  virtual bool refused(Connection *connection) { return tell("refused", connection), false; }
  virtual int authenticated(Connection *) { return 1; }
};

static Policy policyOf(const std::string &name) {
  if (name == "stateful_server") return {false, true, true, true};
  if (name == "stateless_registered_server") return {true, true, false, false};
  if (name == "stateless_server") return {true, true, false, false, false};
  if (name == "lossless_peer") return {false, false, true, false};
  if (name == "lossless_peer_reuse") return {false, false, true, true};
  if (name == "lossy_client") return {true, false, false, false};
  if (name == "lossless_client") return {false, false, false, true};
  fprintf(stderr, "no policy %s\n", name.c_str());
  exit(2);
}

static int typeOf(const std::string &name) {
  const std::map<std::string, int> types{{"mon", 1}, {"mds", 2}, {"osd", 4}, {"client", 8}, {"mgr", 16}};
  return types.at(name);
}

int main(int count, char **words) {
  if (count == 2) return puts("fits"), 0;  // The loader found every symbol.
  if (count < 4) return 2;
  setvbuf(stdout, nullptr, _IOLBF, 0);
  const std::string name = words[1], address = words[2];
  void *cluster = nullptr;
  bool logsIn = false;
  if (rados_create2(&cluster, "ceph", name.c_str(), 0) < 0) return 3;
  for (int index = 4; index < count; index++) {
    const std::string option = words[index];
    const auto equals = option.find('=');
    logsIn = logsIn || option.compare(0, equals, "mon_host") == 0;
    if (rados_conf_set(cluster, option.substr(0, equals).c_str(), option.substr(equals + 1).c_str()) < 0) return 4;
  }
  context = rados_cct(cluster);
  common_init_finish(context);
  const auto dot = name.find('.');
  const entity_name_t entity{(uint8_t)typeOf(name.substr(0, dot)), atoll(name.c_str() + dot + 1)};
  uint64_t nonce = getenv("NONCE") ? strtoull(getenv("NONCE"), nullptr, 10) : 4242;
  void *made = Messenger::create(context, "async+posix", entity, "peer", nonce);
  auto *messenger = (AsyncMessenger *)made;
  Policy policy = policyOf(words[3]);
  if (getenv("SUPPORTED")) policy.features_supported = strtoull(getenv("SUPPORTED"), nullptr, 0);
  if (getenv("THROTTLE")) policy.throttler_bytes = new Throttle{context, "bytes", atoll(getenv("THROTTLE")), true};
  if (getenv("REQUIRED")) policy.features_required = strtoull(getenv("REQUIRED"), nullptr, 0);
  messenger->set_default_policy(policy);
  auto *dispatcher = new Dispatcher_;
  at<AuthClient_ *>(made, AUTH_CLIENT) = new AuthClient_;
  at<AuthServer_ *>(made, AUTH_SERVER) = new AuthServer_;
  if (logsIn && logIn(cluster, made, entity.type, dispatcher) < 0) return 6;
  if (address != "-" && messenger->bindv(vectorOf(address)) < 0) return 5;
  if (const char *advertise = getenv("ADVERTISE"); advertise != nullptr && *advertise != 0) messenger->set_addrs(vectorOf(advertise));
  at<std::deque<Dispatcher_ *>>(made, DISPATCHERS).push_front(dispatcher);
  if (dispatcher->canFastAny()) at<std::deque<Dispatcher_ *>>(made, FAST_DISPATCHERS).push_front(dispatcher);
  messenger->ready();
  messenger->start();
  printf("ready\n");
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words{line};
    std::string command, a, b;
    words >> command;
    if (command == "quit") break;
    if (command == "echo") echo = true;
    if (command == "connect") {
      words >> a >> b;
      void *connection = messenger->connect_to(typeOf(a), vectorOf(b), false, true).held;
      tell("connection", connection);
    }
    if (command == "send") {
      size_t n, first, many, bytes;
      words >> n >> first >> many >> bytes;
      const std::string fill(bytes, 'c');
      void *connection;
      { std::lock_guard lock{mutex}; connection = connections.at(n); }
      for (size_t tid = first; tid < first + many; tid++)
        ((AsyncConnection *)connection)->send_message(ping(tid, fill));
    }
    if (command == "parts") {
      size_t n, tid, priority, front, middle, data;
      words >> n >> tid >> priority >> front >> middle >> data;
      void *connection;
      { std::lock_guard lock{mutex}; connection = connections.at(n); }
      const auto filled = [tid](size_t length) { return std::string(length, (char)tid); };
      ((AsyncConnection *)connection)->send_message(ping(tid, filled(data), filled(front), filled(middle), priority));
    }
    if (command == "down-all") messenger->shutdown_connections(true);
    if (command == "down" || command == "keepalive" || command == "disposable") {
      size_t n;
      words >> n;
      void *connection;
      { std::lock_guard lock{mutex}; connection = connections.at(n); }
      if (command == "down") ((AsyncConnection *)connection)->mark_down();
      else if (command == "disposable") ((AsyncConnection *)connection)->mark_disposable();
      else ((AsyncConnection *)connection)->send_keepalive();
    }
  }
  messenger->shutdown();
  messenger->wait();
  printf("bye\n");
  fflush(stdout);
  std::_Exit(0);
}
