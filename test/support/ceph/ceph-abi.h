// What a program needs of libceph-common.so.2 of Ceph 16.2.15 for x86-64, for which Debian has no headers.
//
// It is this project's own description of the few objects that are touched: their sizes, the order of their virtual
// functions and where a field lies. Another version needs another description; what uses it skips when it does not answer.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

class Connection;
class Message;
struct AuthConnectionMeta;
struct CryptoKey;
struct ceph_msg_header;
struct ceph_msg_footer;

namespace boost {
template <class T> struct intrusive_ptr {
  T *held = nullptr;
  intrusive_ptr() {}
  intrusive_ptr(const intrusive_ptr &) = delete;
  ~intrusive_ptr() {}  // Whatever was counted stays counted: the programs say where it must not.
};
}  // namespace boost

namespace ceph {
namespace common {
class CephContext;
class RefCountedObject {
 public:
  void put() const;
  void _get() const;
};
}  // namespace common
namespace buffer {
inline namespace v15_2_0 {
class list {
  void *root = &root;
  void *tail = &root;
  void *carriage = &always_empty_bptr;
 public:
  uint32_t bytes = 0;
  uint32_t count = 0;
  static char always_empty_bptr;
  void append(const char *, unsigned);
  void append(const list &);
  uint32_t crc32c(uint32_t) const;
};
}  // namespace v15_2_0
}  // namespace buffer
namespace net {
template <class T> struct Policy {
  bool lossy, server, standby, resetcheck, register_lossy_clients = true;
  T *throttler_bytes = nullptr, *throttler_messages = nullptr;
  uint64_t features_supported = ~0ull, features_required = 0;
};
}  // namespace net
}  // namespace ceph
using ceph::common::CephContext;
using list = ceph::buffer::list;

class Throttle {
  char fields[1024];

 public:
  Throttle(CephContext *, const std::string &, int64_t, bool);
};
using Policy = ceph::net::Policy<Throttle>;

extern "C" {
int rados_create2(void **, const char *, const char *, uint64_t);
int rados_conf_set(void *, const char *, const char *);
CephContext *rados_cct(void *);
}
void common_init_finish(CephContext *);
Message *decode_message(CephContext *, int, ceph_msg_header &, ceph_msg_footer &, list &, list &, list &,
                        boost::intrusive_ptr<Connection>);

class MOSDOpReply;
struct OSDOp;
namespace _mosdop {
template <class T> class MOSDOp;
}
using MOSDOp = _mosdop::MOSDOp<std::vector<OSDOp>>;
namespace ceph {
template <class T, class... A> boost::intrusive_ptr<T> make_message(A &&...);
extern template boost::intrusive_ptr<MOSDOp> make_message<MOSDOp>();
extern template boost::intrusive_ptr<MOSDOpReply> make_message<MOSDOpReply>();
}  // namespace ceph

struct entity_name_t {
  uint8_t type;
  int64_t number;
};
struct entity_addr_t {
  uint32_t type = 0, nonce = 0;
  char socket[28] = {};
  bool parse(const char *, const char **, int);
};
struct entity_addrvec_t {
  std::vector<entity_addr_t> v;
  bool parse(const char *, const char **);
};
struct __attribute__((packed)) ceph_msg_header {
  uint64_t seq, tid;
  uint16_t type, priority, version;
  uint32_t front, middle, data;
  uint16_t data_off;
  uint8_t source_type;
  uint64_t source;
  uint16_t compat, reserved;
  uint32_t crc;
};
struct __attribute__((packed)) ceph_msg_footer {
  uint32_t front, middle, data;
  uint64_t signature;
  uint8_t flags;
};
static_assert(sizeof(ceph_msg_header) == 53 && sizeof(ceph_msg_footer) == 21 && sizeof(entity_addr_t) == 36);

class AsyncConnection {
 public:
  int send_message(Message *);
  void mark_down();
  void mark_disposable();
  void send_keepalive();
};
class SimplePolicyMessenger {
 public:
  void set_default_policy(Policy);
};
class AsyncMessenger : public SimplePolicyMessenger {
 public:
  int bindv(const entity_addrvec_t &);
  int start();
  int shutdown();
  void wait();
  void ready();
  void set_addrs(const entity_addrvec_t &);
  void shutdown_connections(bool);
  boost::intrusive_ptr<Connection> connect_to(int, const entity_addrvec_t &, bool anonymous, bool elsewhere);
};
class Messenger {
 public:
  static Messenger *create(CephContext *, const std::string &, entity_name_t, std::string, uint64_t);
};

// Where things lie in objects that the library makes.
template <class T> T &at(void *object, size_t offset) { return *reinterpret_cast<T *>((char *)object + offset); }
constexpr size_t DISPATCHERS = 0x8, FAST_DISPATCHERS = 0x58, AUTH_CLIENT = 0x118, AUTH_SERVER = 0x120;  // of a Messenger
constexpr size_t HEADER = 24, FRONT = 104, MIDDLE = 136, DATA = 168, CONNECTION = 232;                       // of a Message
constexpr size_t OP_POOL = 0x188, OP_PARTIAL_DECODE = 0x208, OP_FINAL_DECODE = 0x209;             // of a MOSDOp

struct AuthClient_ {
  virtual ~AuthClient_() {}
  virtual int request(Connection *, AuthConnectionMeta *, uint32_t *method, std::vector<uint32_t> *modes, list *) {
    *method = 1;
    *modes = {1};
    return 0;
  }
  virtual int more(Connection *, AuthConnectionMeta *, const list &, list *) { abort(); }
  virtual int done(Connection *, AuthConnectionMeta *, uint64_t, uint32_t, const list &, CryptoKey *, std::string *) {
    return 0;
  }
  virtual int badMethod(Connection *, AuthConnectionMeta *, uint32_t, int, const std::vector<uint32_t> &,
                        const std::vector<uint32_t> &) {
    return -13;
  }
};

struct AuthServer_ {
  char registry[4096] = {};
  virtual ~AuthServer_() {}
  virtual void methods(int, std::vector<uint32_t> *methods, std::vector<uint32_t> *modes) {
    *methods = {1};
    if (modes != nullptr) *modes = {1};
  }
  virtual void modes(int, uint32_t, std::vector<uint32_t> *modes) { *modes = {1}; }
  virtual uint32_t pickMode(int, uint32_t, const std::vector<uint32_t> &) { return 1; }
  virtual int request(Connection *, AuthConnectionMeta *, bool, uint32_t, const list &, list *) { return 1; }
};

inline entity_addrvec_t vectorOf(const std::string &text) {
  entity_addrvec_t addresses;
  const char *rest = nullptr;
  if (text[0] == '[' && addresses.parse(text.c_str(), &rest)) return addresses;
  entity_addr_t address;
  const char *end = nullptr;
  if (!address.parse(text.c_str(), &end, 2)) {
    fprintf(stderr, "no address %s\n", text.c_str());
    exit(2);
  }
  return {{address}};
}
