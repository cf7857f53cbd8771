/*
 * A long cable between two network namespaces, for kernels that have no netem: two network devices, and what leaves
 * the one comes out of the other, late. Packets that TCP hands down to be cut later pass whole.
 *
 *   cable NAMESPACE DEVICE NAMESPACE DEVICE MILLISECONDS
 *
 * Makes both devices, prints "ready", and runs until it is ended. Only what leaves the first device is late.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* The largest packet, the header that says how to cut it, and Ethernet's. */
#define PACKET_BYTES (65536 + 256)
/* The packets that may be on their way: at 100 Mbit/s and 1 s, of 1,500 bytes each. Later ones are lost. */
#define PACKETS 8192

struct packet {
  int64_t due;
  ssize_t length;
  uint8_t *bytes;
};

static struct packet queue[PACKETS];
static unsigned first, count;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static int open_device(const char *namespace, const char *name) {
  char path[256];
  snprintf(path, sizeof path, "/run/netns/%s", namespace);
  int netns = open(path, O_RDONLY);
  if (netns < 0 || setns(netns, CLONE_NEWNET) < 0) die(path);
  close(netns);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  if (device < 0) die("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (ioctl(device, TUNSETIFF, &request) < 0) die(name);
  if (ioctl(device, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0) die("TUNSETOFFLOAD");
  return device;
}

/* A device that is not up yet, or whose queue is full, loses packets as a cable does. */
static void send_packet(int device, const uint8_t *bytes, ssize_t length) {
  if (write(device, bytes, length) < 0 && errno != EAGAIN && errno != EIO && errno != ENOBUFS) die("write");
}

/* Takes what has left the first device. */
static void take(int device, int64_t delay) {
  static uint8_t buffer[PACKET_BYTES];
  ssize_t length;
  while ((length = read(device, buffer, sizeof buffer)) > 0) {
    if (count == PACKETS) continue;
    struct packet *last = &queue[(first + count++) % PACKETS];
    *last = (struct packet){.due = now() + delay, .length = length, .bytes = malloc(length)};
    if (last->bytes == NULL) die("malloc");
    memcpy(last->bytes, buffer, length);
  }
  if (length < 0 && errno != EAGAIN) die("read");
}

static void send_due(int device) {
  for (; count > 0 && queue[first].due <= now(); first = (first + 1) % PACKETS, count--) {
    send_packet(device, queue[first].bytes, queue[first].length);
    free(queue[first].bytes);
  }
}

static void pass(int from, int to) {
  static uint8_t buffer[PACKET_BYTES];
  ssize_t length;
  while ((length = read(from, buffer, sizeof buffer)) > 0) send_packet(to, buffer, length);
  if (length < 0 && errno != EAGAIN) die("read");
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: cable NAMESPACE DEVICE NAMESPACE DEVICE MILLISECONDS\n");
    return 2;
  }
  int64_t delay = atoll(argv[5]) * 1000000;
  int near = open_device(argv[1], argv[2]);
  int far = open_device(argv[3], argv[4]);
  printf("ready\n");
  fflush(stdout);
  struct pollfd ends[] = {{.fd = near, .events = POLLIN}, {.fd = far, .events = POLLIN}};
  for (;;) {
    int64_t left = count == 0 ? 1000000000 : queue[first].due - now();
    struct timespec patience = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
    if (left > 0 && ppoll(ends, 2, &patience, NULL) < 0 && errno != EINTR) die("poll");
    take(near, delay);
    pass(far, near);
    send_due(far);
  }
}
