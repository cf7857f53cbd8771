/*
 * Measures what this machine can do at best, with no protocol: a file goes from sendfile() through a socket to recv(), and a
 * second thread hashes each piece with SHA-1 and writes it with pwrite().
 *
 *   floor seed FILE               prints the port, sends the whole file to everyone who connects
 *   floor get PORT SIZE OUTPUT    receives it in pieces of 1 MiB
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_LENGTH (1 << 20)
#define SLOTS 16

static void die(const char *what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void seed(const char *path) {
  struct sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0) die("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) < 0) die("getsockname");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int file = open(path, O_RDONLY);
  struct stat status;
  if (file < 0 || fstat(file, &status) < 0) die(path);
  for (;;) {
    int peer = accept(listener, NULL, NULL);
    if (peer < 0) die("accept");
    off_t at = 0;
    while (at < status.st_size)
      if (sendfile(peer, file, &at, status.st_size - at) <= 0) break;
    close(peer);
  }
}

/* The slots between the two threads: those from `written` to `received` wait to be hashed and written. */
static struct {
  uint8_t *bytes[SLOTS];
  size_t length[SLOTS];
  int64_t received, written, total;
  int file;
  pthread_mutex_t lock;
  pthread_cond_t changed;
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void *hash_and_write(void *unused) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  for (int64_t piece = 0; piece < ring.total; piece += 1) {
    pthread_mutex_lock(&ring.lock);
    while (ring.received <= piece) pthread_cond_wait(&ring.changed, &ring.lock);
    pthread_mutex_unlock(&ring.lock);
    uint8_t *bytes = ring.bytes[piece % SLOTS];
    size_t length = ring.length[piece % SLOTS];
    if (!EVP_Digest(bytes, length, digest, NULL, EVP_sha1(), NULL)) die("SHA-1");
    if (pwrite(ring.file, bytes, length, piece * PIECE_LENGTH) != (ssize_t)length) die("pwrite");
    pthread_mutex_lock(&ring.lock);
    ring.written = piece + 1;
    pthread_cond_signal(&ring.changed);
    pthread_mutex_unlock(&ring.lock);
  }
  return unused;
}

static void get(int port, int64_t size, const char *path) {
  struct sockaddr_in address = loopback(port);
  int peer = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(peer, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  ring.file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (ring.file < 0) die(path);
  ring.total = (size + PIECE_LENGTH - 1) / PIECE_LENGTH;
  for (int slot = 0; slot < SLOTS; slot += 1) ring.bytes[slot] = malloc(PIECE_LENGTH);
  pthread_t writer;
  if (pthread_create(&writer, NULL, hash_and_write, NULL) != 0) die("pthread_create");
  for (int64_t piece = 0; piece < ring.total; piece += 1) {
    pthread_mutex_lock(&ring.lock);
    while (piece - ring.written >= SLOTS) pthread_cond_wait(&ring.changed, &ring.lock);
    pthread_mutex_unlock(&ring.lock);
    int64_t left = size - piece * PIECE_LENGTH;
    size_t length = left < PIECE_LENGTH ? (size_t)left : PIECE_LENGTH;
    for (size_t got = 0; got < length;) {
      ssize_t count = recv(peer, ring.bytes[piece % SLOTS] + got, length - got, 0);
      if (count <= 0) die("recv");
      got += count;
    }
    pthread_mutex_lock(&ring.lock);
    ring.length[piece % SLOTS] = length;
    ring.received = piece + 1;
    pthread_cond_signal(&ring.changed);
    pthread_mutex_unlock(&ring.lock);
  }
  pthread_join(writer, NULL);
}

int main(int count, char **arguments) {
  if (count == 3 && strcmp(arguments[1], "seed") == 0)
    seed(arguments[2]);
  else if (count == 5 && strcmp(arguments[1], "get") == 0)
    get(atoi(arguments[2]), atoll(arguments[3]), arguments[4]);
  else
    return 2;
  return 0;
}
