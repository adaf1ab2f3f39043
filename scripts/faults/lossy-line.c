/*
 * A bad line: `lossy-line LOSS_PERCENT DELAY_MS SEED COMMAND [WORD]…` runs the command in a network namespace of its
 * own, at 198.18.0.2; whoever runs this is at 198.18.0.1 (RFC 2544: no address of anybody's). IP packets between the two
 * go through two TUN devices: so many of a hundred are lost, the others arrive so much later, in their order, each way.
 * Ends with the command, with who runs this, or with SIGTERM, which the command gets too; then it says on stderr what it has lost. Needs the
 * rights of root in its own namespaces (`unshare --net`) and /dev/net/tun.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PACKET_BYTES_MAX 1500
/* Under way in both directions: 12 MB, more than any window here. */
#define PACKETS_MAX 8192

struct packet {
  int64_t due_ms;
  int to;
  int length;
  char bytes[PACKET_BYTES_MAX];
};

static struct packet packets[PACKETS_MAX];
static unsigned first, count;
static uint32_t random_state;
static unsigned long passed, lost;
static volatile sig_atomic_t asked_to_end;

static void fail(const char *what) {
  fprintf(stderr, "lossy-line: %s: %s\n", what, strerror(errno));
  exit(71);
}

static void ask_to_end(int number) {
  (void)number;
  asked_to_end = 1;
}

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* xorshift32: the same seed loses the same packets of the same traffic. */
static uint32_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

static void bring_up(const char *name, const char *address) {
  struct ifreq request = {0};
  int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (control < 0) fail("socket");
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (address != NULL) {
    struct sockaddr_in *place = (struct sockaddr_in *)&request.ifr_addr;
    place->sin_family = AF_INET;
    inet_pton(AF_INET, address, &place->sin_addr);
    if (ioctl(control, SIOCSIFADDR, &request) < 0) fail("address");
    inet_pton(AF_INET, "255.255.255.252", &place->sin_addr);
    if (ioctl(control, SIOCSIFNETMASK, &request) < 0) fail("netmask");
  }
  if (ioctl(control, SIOCGIFFLAGS, &request) < 0) fail("flags");
  request.ifr_flags |= IFF_UP | IFF_RUNNING;
  if (ioctl(control, SIOCSIFFLAGS, &request) < 0) fail("up");
  close(control);
}

/* It belongs to the namespace that this process is in now, wherever it goes later. */
static int open_end(const char *address) {
  struct ifreq request = {0};
  int end = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (end < 0) fail("/dev/net/tun");
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  strncpy(request.ifr_name, "bad-line", IFNAMSIZ - 1);
  if (ioctl(end, TUNSETIFF, &request) < 0) fail("tun");
  bring_up("bad-line", address);
  bring_up("lo", NULL);
  return end;
}

static void take_in(int from, int to, unsigned loss_percent, unsigned delay_ms) {
  for (;;) {
    char bytes[PACKET_BYTES_MAX];
    ssize_t length = read(from, bytes, sizeof bytes);
    if (length <= 0) return;
    /* What IPv6 says of itself on a new device is nobody's traffic. */
    if (bytes[0] >> 4 != 4) continue;
    if (next_random() % 100 < loss_percent || count == PACKETS_MAX) {
      lost++;
      continue;
    }
    struct packet *packet = &packets[(first + count++) % PACKETS_MAX];
    packet->due_ms = now_ms() + delay_ms;
    packet->to = to;
    packet->length = (int)length;
    memcpy(packet->bytes, bytes, (size_t)length);
  }
}

static void let_out(void) {
  while (count > 0 && packets[first].due_ms <= now_ms()) {
    struct packet *packet = &packets[first];
    if (write(packet->to, packet->bytes, (size_t)packet->length) == packet->length) passed++;
    else lost++;
    first = (first + 1) % PACKETS_MAX;
    count--;
  }
}

static int wait_ms(void) {
  if (count == 0) return 1000;
  int64_t left_ms = packets[first].due_ms - now_ms();
  return left_ms < 0 ? 0 : left_ms > 1000 ? 1000 : (int)left_ms;
}

int main(int words, char **word) {
  if (words < 5) {
    fprintf(stderr, "usage: lossy-line LOSS_PERCENT DELAY_MS SEED COMMAND [WORD]...\n");
    return 64;
  }
  unsigned loss_percent = (unsigned)atoi(word[1]);
  unsigned delay_ms = (unsigned)atoi(word[2]);
  random_state = (uint32_t)atoi(word[3]) * 2654435761u + 1u;
  /* Whoever was killed leaves no line behind. */
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  int near = open_end("198.18.0.1");
  if (unshare(CLONE_NEWNET) < 0) fail("unshare");
  int far = open_end("198.18.0.2");
  struct sigaction ending = {.sa_handler = ask_to_end};
  sigaction(SIGTERM, &ending, NULL);
  sigaction(SIGINT, &ending, NULL);
  pid_t command = fork();
  if (command < 0) fail("fork");
  if (command == 0) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execvp(word[4], word + 4);
    fail(word[4]);
  }
  int status = 0;
  int told = 0;
  while (waitpid(command, &status, WNOHANG) == 0) {
    if (asked_to_end && !told) {
      kill(command, SIGTERM);
      told = 1;
    }
    struct pollfd ends[] = {{near, POLLIN, 0}, {far, POLLIN, 0}};
    poll(ends, 2, told ? 10 : wait_ms());
    take_in(near, far, loss_percent, delay_ms);
    take_in(far, near, loss_percent, delay_ms);
    let_out();
  }
  fprintf(stderr, "lossy-line: %lu packets passed, %lu lost\n", passed, lost);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 70;
}
