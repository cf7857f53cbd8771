/*
 * The least that a UDP tracker can do, so many packets with one system call: answers each announce with the same bytes.
 *
 *   batched-udp BATCH
 *
 * With a BATCH of 1 it uses recvfrom and sendto as libuv does, and so Node. Prints `listening on PORT`.
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

enum { MAX_BATCH = 64, REQUEST = 2048, CONNECT = 16, ANSWER = 320 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int count, char **arguments) {
  int batch = count == 2 ? atoi(arguments[1]) : 0;
  if (batch < 1 || batch > MAX_BATCH) {
    fprintf(stderr, "batched-udp BATCH, 1 to %d\n", MAX_BATCH);
    return 2;
  }
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof own;
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 1 << 20;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (bind(fd, (struct sockaddr *)&own, sizeof own) || getsockname(fd, (struct sockaddr *)&own, &length)) fail("bind");
  printf("listening on %d\n", ntohs(own.sin_port));
  fflush(stdout);

  static uint8_t requests[MAX_BATCH][REQUEST], answer[ANSWER] = {0, 0, 0, 1}, connection[CONNECT];
  struct sockaddr_in from[MAX_BATCH];
  struct iovec in[MAX_BATCH], out[MAX_BATCH];
  struct mmsghdr received[MAX_BATCH], sent[MAX_BATCH];
  struct pollfd polled = {.fd = fd, .events = POLLIN};
  for (;;) {
    if (poll(&polled, 1, -1) < 0) fail("poll");
    for (;;) {
      for (int at = 0; at < batch; at++) {
        in[at] = (struct iovec){requests[at], REQUEST};
        received[at].msg_hdr = (struct msghdr){
          .msg_name = &from[at], .msg_namelen = sizeof from[at], .msg_iov = &in[at], .msg_iovlen = 1
        };
      }
      int got = batch == 1 ? (int)recvmsg(fd, &received[0].msg_hdr, 0) : recvmmsg(fd, received, batch, 0, NULL);
      if (got <= 0) break;
      if (batch == 1) {
        received[0].msg_len = (unsigned)got;
        got = 1;
      }
      for (int at = 0; at < got; at++) {
        int is_connect = received[at].msg_len == CONNECT;
        out[at] = (struct iovec){is_connect ? connection : answer, is_connect ? CONNECT : ANSWER};
        sent[at].msg_hdr = (struct msghdr){
          .msg_name = &from[at], .msg_namelen = sizeof from[at], .msg_iov = &out[at], .msg_iovlen = 1
        };
      }
      if (batch == 1) sendmsg(fd, &sent[0].msg_hdr, 0);
      else sendmmsg(fd, sent, (unsigned)got, 0);
    }
    if (errno != EAGAIN && errno != ECONNREFUSED) fail("recvmmsg");
  }
}
