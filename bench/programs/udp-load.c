/*
 * Announces to a UDP tracker: as fast as it answers with WINDOW requests under way, or RATE a second whatever it does.
 *
 *   udp-load HOST PORT SWARMS PEERS WINDOW SECONDS PID RATE FILL
 *
 * SOURCES addresses of 127.0.0.0/8 connect once each. Then, if FILL is 1, every peer of every swarm announces once, which
 * is not measured; then peers chosen at random announce for SECONDS: RATE a second, or, when that is 0, as many as are
 * answered. Swarm n has the info-hash of 16 zero bytes and n. Prints one line of JSON, with the processor time that the
 * process PID took for an answer, and how long answers took: at a RATE from when the request was due, so that a tracker
 * that stands still does not hide what would have come meanwhile.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SOURCES = 16, BATCH = 32, ANNOUNCE = 98, ANSWER = 2048, PATIENCE_MS = 500, WANTED = 50 };
/* Requests whose times are known, a power of two; latencies are counted in steps of this many microseconds. */
enum { TRACKED = 1 << 20, STEP_US = 10, STEPS = 1 << 20 };

static struct source {
  int fd;
  uint8_t connection_id[8];
} sources[SOURCES];

static struct {
  uint64_t answers, bytes, errors, lost;
} counts;

/* When each request was sent or due, by transaction id. */
static double due[TRACKED];
static uint32_t latencies[STEPS];
static uint32_t transaction;
/* The longest time in which this program itself did not run: what waited for it is no fault of the tracker's. */
static double stalled;

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void put32(uint8_t *at, uint32_t value) {
  value = htonl(value);
  memcpy(at, &value, 4);
}

static void connect_source(struct source *source, int number, struct sockaddr_in *tracker) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000100u + number + 1)};
  int size = 4 << 20;
  source->fd = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(source->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(source->fd, (struct sockaddr *)&own, sizeof own)) fail("bind");
  if (connect(source->fd, (struct sockaddr *)tracker, sizeof *tracker)) fail("connect");
  uint8_t request[16] = {0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80}, answer[16];
  struct timeval patience = {.tv_sec = 2};
  setsockopt(source->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (send(source->fd, request, sizeof request, 0) != sizeof request) fail("send");
  if (recv(source->fd, answer, sizeof answer, 0) != sizeof answer) fail("no connection id");
  memcpy(source->connection_id, answer + 8, 8);
}

static void write_announce(uint8_t *packet, struct source *source, uint32_t swarm, uint32_t peer, double when) {
  memset(packet, 0, ANNOUNCE);
  memcpy(packet, source->connection_id, 8);
  put32(packet + 8, 1);
  put32(packet + 12, transaction);
  due[transaction++ & (TRACKED - 1)] = when;
  put32(packet + 32, swarm);
  memcpy(packet + 36, "-LD0000-", 8);
  put32(packet + 48, swarm);
  put32(packet + 52, peer);
  put32(packet + 68, peer % 4 == 0 ? 0 : 1000);
  put32(packet + 88, peer + 1);
  put32(packet + 92, WANTED);
  packet[96] = (uint8_t)((1024 + peer) >> 8);
  packet[97] = (uint8_t)(1024 + peer);
}

/* Peer k of a swarm comes from source k mod SOURCES. @returns how many were sent, each `step` after the one before */
static int send_batch(
  struct source *source, int count, uint64_t *next, uint32_t swarms, uint32_t peers, double when, double step
) {
  static uint8_t packets[BATCH][ANNOUNCE];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  uint32_t index = (uint32_t)(source - sources), own = peers / SOURCES;
  for (int at = 0; at < count; at++) {
    uint64_t which = next ? (*next)++ : next_random();
    uint32_t swarm = (uint32_t)(which % swarms), peer = (uint32_t)(which / swarms % own) * SOURCES + index;
    write_announce(packets[at], source, swarm, peer, when + at * step);
    parts[at] = (struct iovec){packets[at], ANNOUNCE};
    messages[at] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[at], .msg_iovlen = 1}};
  }
  int sent = sendmmsg(source->fd, messages, (unsigned)count, MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) fail("sendmmsg");
  if (next && sent < count) *next -= (uint64_t)(count - (sent < 0 ? 0 : sent));
  return sent < 0 ? 0 : sent;
}

static int receive_batch(struct source *source) {
  static uint8_t answers[BATCH][ANSWER];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  for (int at = 0; at < BATCH; at++) {
    parts[at] = (struct iovec){answers[at], ANSWER};
    messages[at] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[at], .msg_iovlen = 1}};
  }
  int got = recvmmsg(source->fd, messages, BATCH, MSG_DONTWAIT, NULL);
  if (got < 0 && errno != EAGAIN && errno != ECONNREFUSED) fail("recvmmsg");
  double time = got > 0 ? now() : 0;
  for (int at = 0; at < got; at++) {
    uint32_t id;
    memcpy(&id, answers[at] + 4, 4);
    double step = (time - due[ntohl(id) & (TRACKED - 1)]) * 1e6 / STEP_US;
    latencies[step < 0 ? 0 : step < STEPS ? (int)step : STEPS - 1]++;
    if (answers[at][3] == 1) counts.answers++;
    else counts.errors++;
    counts.bytes += messages[at].msg_len;
  }
  return got < 0 ? 0 : got;
}

/* Keeps WINDOW requests under way until `per_source` were sent from each, or until `end`. */
static void run(uint32_t swarms, uint32_t peers, int window, uint64_t per_source, double end) {
  int under_way[SOURCES] = {0};
  double heard[SOURCES];
  uint64_t next[SOURCES] = {0};
  struct pollfd polls[SOURCES];
  int share = window / SOURCES < 1 ? 1 : window / SOURCES;
  for (int at = 0; at < SOURCES; at++) heard[at] = now();
  for (;;) {
    int active = 0;
    double time = now();
    for (int at = 0; at < SOURCES; at++) {
      struct source *source = &sources[at];
      int more = per_source ? next[at] < per_source : time < end;
      while (more && under_way[at] < share) {
        int count = share - under_way[at] < BATCH ? share - under_way[at] : BATCH;
        if (per_source && per_source - next[at] < (uint64_t)count) count = (int)(per_source - next[at]);
        int sent = send_batch(source, count, per_source ? &next[at] : NULL, swarms, peers, time, 0);
        under_way[at] += sent;
        if (sent < count) break;
        more = per_source ? next[at] < per_source : 1;
      }
      polls[at] = (struct pollfd){source->fd, POLLIN, 0};
      if (more || under_way[at] > 0) active = 1;
    }
    if (!active) return;
    /* Never sleeps: a tracker would pay for waking it up with every answer. */
    if (poll(polls, SOURCES, 0) < 0) fail("poll");
    time = now();
    for (int at = 0; at < SOURCES; at++) {
      int got = polls[at].revents ? receive_batch(&sources[at]) : 0;
      if (got > 0) {
        heard[at] = time;
        under_way[at] = under_way[at] > got ? under_way[at] - got : 0;
      } else if (under_way[at] > 0 && (time - heard[at]) * 1000 > PATIENCE_MS) {
        counts.lost += (uint64_t)under_way[at];
        under_way[at] = 0;
        heard[at] = time;
      }
    }
  }
}

/* Sends `rate` requests a second for `seconds`, and waits for the last answers. */
static void run_paced(uint32_t swarms, uint32_t peers, double rate, double seconds) {
  uint64_t sent = 0, wanted = (uint64_t)(rate * seconds);
  struct pollfd polls[SOURCES];
  for (int at = 0; at < SOURCES; at++) polls[at] = (struct pollfd){sources[at].fd, POLLIN, 0};
  double start = now(), last = 0, before = start;
  for (;;) {
    double time = now();
    if (time - before > stalled) stalled = time - before;
    before = time;
    uint64_t target = (uint64_t)((time - start) * rate);
    if (target > wanted) target = wanted;
    while (sent < target) {
      int count = target - sent < 4 ? (int)(target - sent) : 4;
      struct source *source = &sources[sent / 4 % SOURCES];
      int taken = send_batch(source, count, NULL, swarms, peers, start + (double)sent / rate, 1 / rate);
      if (taken == 0) break;
      sent += (uint64_t)taken;
    }
    if (sent == wanted && last == 0) last = time;
    if (counts.answers + counts.errors == wanted || (last > 0 && (time - last) * 1000 > PATIENCE_MS)) break;
    if (poll(polls, SOURCES, 0) < 0) fail("poll");
    for (int at = 0; at < SOURCES; at++) if (polls[at].revents) receive_batch(&sources[at]);
  }
  counts.lost = wanted - counts.answers - counts.errors;
}

/* The time in milliseconds that so large a part of the answers came in. */
static double latency_of(double part) {
  uint64_t all = 0, seen = 0;
  for (int at = 0; at < STEPS; at++) all += latencies[at];
  for (int at = 0; at < STEPS; at++) {
    seen += latencies[at];
    if (seen > 0 && (double)seen >= part * (double)all) return (at + 1) * STEP_US / 1e3;
  }
  return 0;
}

/* Processor time of a process in seconds, 0 without one. */
static double cpu_of(const char *pid) {
  char path[64], line[1024];
  snprintf(path, sizeof path, "/proc/%s/stat", pid);
  FILE *file = fopen(path, "r");
  if (!file || !fgets(line, sizeof line, file)) return 0;
  fclose(file);
  unsigned long user = 0, kernel = 0;
  sscanf(strrchr(line, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
  return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

int main(int count, char **arguments) {
  if (count != 10) {
    fprintf(stderr, "udp-load HOST PORT SWARMS PEERS WINDOW SECONDS PID RATE FILL\n");
    return 2;
  }
  struct sockaddr_in tracker = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[2]))};
  inet_pton(AF_INET, arguments[1], &tracker.sin_addr);
  uint32_t swarms = (uint32_t)atoi(arguments[3]), peers = (uint32_t)atoi(arguments[4]);
  int window = atoi(arguments[5]);
  double seconds = atof(arguments[6]), rate = atof(arguments[8]);
  for (int at = 0; at < SOURCES; at++) connect_source(&sources[at], at, &tracker);
  if (atoi(arguments[9])) run(swarms, peers, window, (uint64_t)swarms * (peers / SOURCES), 0);
  memset(&counts, 0, sizeof counts);
  memset(latencies, 0, sizeof latencies);
  double cpu = cpu_of(arguments[7]), start = now();
  if (rate > 0) run_paced(swarms, peers, rate, seconds);
  else run(swarms, peers, window, 0, start + seconds);
  double took = now() - start;
  cpu = cpu_of(arguments[7]) - cpu;
  printf(
    "{\"announcesPerSecond\":%.0f,\"bytesPerAnswer\":%.1f,\"errors\":%llu,\"lost\":%llu,\"cpuMicroseconds\":%.2f,"
    "\"p50Ms\":%.2f,\"p99Ms\":%.2f,\"longestMs\":%.2f,\"stalledMs\":%.2f}\n",
    (double)counts.answers / took, counts.answers ? (double)counts.bytes / (double)counts.answers : 0,
    (unsigned long long)counts.errors, (unsigned long long)counts.lost,
    counts.answers ? cpu * 1e6 / (double)counts.answers : 0, latency_of(0.5), latency_of(0.99), latency_of(1),
    stalled * 1e3
  );
}
