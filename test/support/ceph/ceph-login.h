// A login at a real monitor for a messenger of Ceph's own: librados' client of the monitors is taken from it, and then is
// both halves of cephx. Programs with this are linked with -rdynamic.
#pragma once
#include <dlfcn.h>
#include "ceph-abi.h"

extern "C" int rados_connect(void *);

class MonClient {
 public:
  int init();
  int wait_auth_rotating(double seconds);
};

constexpr size_t MODULE_TYPE = 0x3810;                              // of a CephContext
constexpr size_t AS_CLIENT = 0x10, AS_SERVER = 0x18, TOLD = 0x5b8;  // of a MonClient

static MonClient *monitors = nullptr;

// Stands before the library's own, which librados would call: the last one that is made is that of the login.
int MonClient::init() {
  monitors = this;
  return ((int (*)(MonClient *))dlsym(RTLD_NEXT, "_ZN9MonClient4initEv"))(this);
}

// Logs in by the name that `cluster` was made with; `dispatcher` hears who was let in. Below zero it failed.
static int logIn(void *cluster, void *messenger, uint32_t type, void *dispatcher) {
  at<uint32_t>(rados_cct(cluster), MODULE_TYPE) = type;
  if (const int failed = rados_connect(cluster)) return failed;
  at<void *>(monitors, TOLD) = dispatcher;
  at<char *>(messenger, AUTH_CLIENT) = (char *)monitors + AS_CLIENT;
  at<char *>(messenger, AUTH_SERVER) = (char *)monitors + AS_SERVER;
  return monitors->wait_auth_rotating(10);
}
