// The load that redis-benchmark cannot make and Python is too slow for. Compiled into a temporary folder by bench.py
// at every run; prints its findings as lines of "name value" and exits with 1 and a sentence when something is wrong.
//
//   load fill PORT COUNT PREFIX VALUE LIFETIME    SETs COUNT keys; VALUE is a length, or =text; LIFETIME none or days
//   load read PORT COUNT PREFIX                   GETs each of them once
//   load gaps PORT COUNT LENGTH AFTER             longest gap between replies while COUNT keys come and are flushed
//   load expiry PORT COUNT SPAN GRACE             lateness of COUNT expirations spread over SPAN milliseconds
//   load replay PORT FILE COUNT AFTER             longest gap while FILE's COUNT commands of equal length are sent,
//                                                 and AFTER milliseconds on
//   load start PORT PROGRAM ARGUMENT...           nanoseconds from exec to the first PONG
//
// One thread makes the load and reads the clock, so that with the server there are two busy threads and no third one
// whose scheduling would be measured instead.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DIGITS = 12, BATCH = 256, GAP_BATCH = 64, READ_BATCH = 16, WARM_KEYS = 100000 };
static const int64_t MILLISECOND = 1000000;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(1);
}

static int64_t clock_nanoseconds(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int64_t now_nanoseconds(void) { return clock_nanoseconds(CLOCK_MONOTONIC); }
static int64_t wall_nanoseconds(void) { return clock_nanoseconds(CLOCK_REALTIME); }

// Keys come in a scattered order: the multiplier is a prime above every count, so each index occurs once.
static int64_t scattered(int64_t index, int64_t count) {
    return (int64_t)((uint64_t)index * 2654435761u % (uint64_t)count);
}

// ---------------------------------------------------------------------------------------------------- connections

/// A connection, and how far the replies on it have been read. Replies are counted and thrown away.
struct connection {
    int socket;
    int64_t sent, received;
    int64_t to_skip;        // What is left of the bulk string being read, with its line end.
    int64_t last_integer;   // The newest integer reply.
    int line_length;
    char line[512];
};

static int try_connect(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("no socket: %s", strerror(errno));
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        close(descriptor);
        return -1;
    }
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

static struct connection open_connection(int port) {
    struct connection connection = {.socket = try_connect(port)};
    if (connection.socket < 0) fail("cannot connect to port %d: %s", port, strerror(errno));
    return connection;
}

static void send_all(struct connection *connection, const char *bytes, size_t length, int64_t commands) {
    while (length > 0) {
        ssize_t written = send(connection->socket, bytes, length, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) fail("the server closed the connection: %s", strerror(errno));
        bytes += written;
        length -= (size_t)written;
    }
    connection->sent += commands;
}

static void take_line(struct connection *connection) {
    connection->line[connection->line_length] = 0;
    connection->line_length = 0;
    int64_t number = atoll(connection->line + 1);
    switch (connection->line[0]) {
    case '$':
        if (number >= 0) {
            connection->to_skip = number + 2;
            return;
        }
        break;
    case ':': connection->last_integer = number; break;
    case '+': break;
    default: fail("unexpected reply: %s", connection->line);
    }
    connection->received++;
}

static void take_bytes(struct connection *connection, const char *bytes, ssize_t length) {
    for (ssize_t at = 0; at < length;) {
        if (connection->to_skip > 0) {
            int64_t step = connection->to_skip < length - at ? connection->to_skip : length - at;
            at += step;
            connection->to_skip -= step;
            if (connection->to_skip == 0) connection->received++;
            continue;
        }
        char byte = bytes[at++];
        if (connection->line_length + 1 == sizeof connection->line) fail("a reply line without end");
        if (byte == '\n') take_line(connection);
        else connection->line[connection->line_length++] = byte;
    }
}

/// Reads what has arrived; waits for something only when told to. Answers whether replies were completed.
static bool receive(struct connection *connection, bool wait) {
    static char buffer[256 * 1024];
    int64_t before = connection->received;
    ssize_t length = recv(connection->socket, buffer, sizeof buffer, wait ? 0 : MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (length <= 0) fail("the server closed the connection: %s", length < 0 ? strerror(errno) : "end of stream");
    take_bytes(connection, buffer, length);
    return connection->received > before;
}

static void await(struct connection *connection, int64_t received) {
    while (connection->received < received) receive(connection, true);
}

// ------------------------------------------------------------------------------------------------------- commands

/// A command as bytes, with the places where numbers of a fixed width are written for each sending.
struct template {
    char bytes[4096];
    size_t length, key_digits, value_digits, time_digits;
};

static void append_word(struct template *template, const char *word, size_t length) {
    if (template->length + length + 32 > sizeof template->bytes) fail("a value too long for this tool");
    template->length += (size_t)sprintf(template->bytes + template->length, "$%zu\r\n", length);
    memcpy(template->bytes + template->length, word, length);
    template->length += length;
    memcpy(template->bytes + template->length, "\r\n", 2);
    template->length += 2;
}

static void append_key(struct template *template, const char *prefix) {
    char key[256];
    int length = snprintf(key, sizeof key, "%s%0*d", prefix, DIGITS, 0);
    if (length >= (int)sizeof key) fail("a prefix too long for this tool");
    append_word(template, key, (size_t)length);
    template->key_digits = template->length - 2 - DIGITS;
}

static void append_value(struct template *template, const char *value) {
    if (value[0] == '=') {
        append_word(template, value + 1, strlen(value + 1));
        return;
    }
    char text[3000];
    size_t length = (size_t)atoll(value);
    if (length < 8 || length > sizeof text) fail("a value has from 8 to %zu bytes", sizeof text);
    memset(text, 'x', length);
    append_word(template, text, length);
    // The first letter stays, or the server would store a number.
    template->value_digits = template->length - 2 - length + 1;
}

static void write_digits(char *place, int width, int64_t number) {
    for (int at = width - 1; at >= 0; at--, number /= 10) place[at] = (char)('0' + number % 10);
}

static struct template set_template(const char *prefix, const char *value, const char *unit, const char *time) {
    struct template template = {.length = 0};
    template.length = (size_t)sprintf(template.bytes, "*%d\r\n", unit ? 5 : 3);
    append_word(&template, "SET", 3);
    append_key(&template, prefix);
    append_value(&template, value);
    if (unit) {
        append_word(&template, unit, strlen(unit));
        append_word(&template, time, strlen(time));
        template.time_digits = template.length - 2 - strlen(time);
    }
    return template;
}

static struct template get_template(const char *prefix) {
    struct template template = {.length = 0};
    template.length = (size_t)sprintf(template.bytes, "*2\r\n");
    append_word(&template, "GET", 3);
    append_key(&template, prefix);
    return template;
}

/// What one `load` sends: keys of a template, numbered in scattered order, each perhaps with a time of its own that
/// rises with the number: so deadlines arrive in scattered order, too.
struct stream {
    struct template template;
    int64_t next, count;
    int time_width;
    int64_t first_time, time_span;
};

static void send_batch(struct connection *connection, struct stream *stream, int64_t size) {
    static char batch[BATCH * sizeof stream->template.bytes];
    size_t length = 0;
    if (size > stream->count - stream->next) size = stream->count - stream->next;
    for (int64_t i = 0; i < size; i++, stream->next++) {
        struct template *template = &stream->template;
        int64_t number = scattered(stream->next, stream->count);
        char *place = batch + length;
        memcpy(place, template->bytes, template->length);
        write_digits(place + template->key_digits, DIGITS, number);
        if (template->value_digits) write_digits(place + template->value_digits, 7, number);
        if (template->time_digits) {
            int64_t time = stream->first_time + number * stream->time_span / stream->count;
            write_digits(place + template->time_digits, stream->time_width, time);
        }
        length += template->length;
    }
    send_all(connection, batch, length, size);
}

static void send_stream(struct connection *connection, struct stream *stream) {
    while (stream->next < stream->count) {
        send_batch(connection, stream, BATCH);
        await(connection, connection->sent - BATCH);
    }
    await(connection, connection->sent);
}

static void send_text(struct connection *connection, const char *text) {
    send_all(connection, text, strlen(text), 1);
}

static int64_t database_size(struct connection *connection) {
    send_text(connection, "DBSIZE\r\n");
    await(connection, connection->sent);
    return connection->last_integer;
}

// ------------------------------------------------------------------------------------------------- fill and read

static void fill(int port, int64_t count, const char *prefix, const char *value, bool lifetime) {
    struct connection connection = open_connection(port);
    struct stream stream = {.count = count};
    stream.template = set_template(prefix, value, lifetime ? "PX" : NULL, "100000000");
    // From one day to eleven: nothing expires meanwhile, and the deadlines differ.
    stream.time_width = 9;
    stream.first_time = 100000000;
    stream.time_span = 899999999;
    send_stream(&connection, &stream);
}

static void read_all(int port, int64_t count, const char *prefix) {
    struct connection connection = open_connection(port);
    struct stream stream = {.template = get_template(prefix), .count = count};
    send_stream(&connection, &stream);
}

// ----------------------------------------------------------------------------------------------------------- gaps

/// A connection that asks for one key, again as soon as it was answered, and remembers its longest wait.
struct probe {
    struct connection connection;
    struct stream question;
    int64_t last_reply, longest;
};

static void ask(struct probe *probe) {
    probe->question.next = 0;
    send_batch(&probe->connection, &probe->question, 1);
}

static void take_answer(struct probe *probe) {
    if (!receive(&probe->connection, false)) return;
    int64_t now = now_nanoseconds();
    if (now - probe->last_reply > probe->longest) probe->longest = now - probe->last_reply;
    probe->last_reply = now;
    ask(probe);
}

static void wait_for_either(struct connection *one, struct connection *other) {
    struct pollfd ready[2] = {{one->socket, POLLIN, 0}, {other->socket, POLLIN, 0}};
    poll(ready, 2, 1000);
}

static void gaps(int port, int64_t count, const char *length, int64_t after_milliseconds) {
    struct connection loader = open_connection(port);
    struct stream stream = {.template = set_template("key:", length, NULL, NULL), .count = count};
    struct probe probe = {.connection = open_connection(port)};
    probe.question = (struct stream){.template = get_template("key:"), .count = count};

    int64_t began = now_nanoseconds();
    probe.last_reply = began;
    ask(&probe);
    while (loader.received < count) {
        if (loader.sent == loader.received) send_batch(&loader, &stream, GAP_BATCH);
        wait_for_either(&loader, &probe.connection);
        receive(&loader, false);
        take_answer(&probe);
    }
    printf("growth %lld\n", (long long)probe.longest);
    printf("growth_seconds %.3f\n", (double)(now_nanoseconds() - began) / 1e9);
    int64_t loaded = database_size(&loader);
    if (loaded != count) fail("%lld keys instead of %lld", (long long)loaded, (long long)count);

    // DBSIZE made a pause that was ours: the probe starts afresh.
    await(&probe.connection, probe.connection.sent);
    probe.longest = 0;
    probe.last_reply = now_nanoseconds();
    int64_t end = probe.last_reply + after_milliseconds * MILLISECOND;
    ask(&probe);
    send_text(&loader, "FLUSHALL ASYNC\r\n");
    while (probe.last_reply < end) {
        wait_for_either(&loader, &probe.connection);
        receive(&loader, false);
        take_answer(&probe);
    }
    if (loader.received != loader.sent) fail("FLUSHALL ASYNC was not answered in time");
    if (database_size(&loader) != 0) fail("FLUSHALL ASYNC left %lld keys", (long long)loader.last_integer);
    printf("flush %lld\n", (long long)probe.longest);
}

/// Sends commands of a file, a batch at a time, while the probe asks for a key that is not among them.
static void replay(int port, const char *path, int64_t count, int64_t after_milliseconds) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = file < 0 ? -1 : lseek(file, 0, SEEK_END);
    if (size <= 0 || count <= 0 || size % count != 0) fail("%s does not have %lld equal commands", path, (long long)count);
    char *commands = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (commands == MAP_FAILED) fail("cannot map %s: %s", path, strerror(errno));
    size_t length = (size_t)(size / count);

    struct connection loader = open_connection(port);
    struct probe probe = {.connection = open_connection(port)};
    probe.question = (struct stream){.template = get_template("probe:"), .count = 1};
    int64_t began = now_nanoseconds(), end = INT64_MAX;
    probe.last_reply = began;
    ask(&probe);
    while (probe.last_reply < end) {
        if (loader.sent == loader.received && loader.sent < count) {
            int64_t batch = count - loader.sent < GAP_BATCH ? count - loader.sent : GAP_BATCH;
            send_all(&loader, commands + (size_t)loader.sent * length, (size_t)batch * length, batch);
        }
        wait_for_either(&loader, &probe.connection);
        receive(&loader, false);
        take_answer(&probe);
        if (loader.received == count && end == INT64_MAX) {
            printf("seconds %.3f\n", (double)(now_nanoseconds() - began) / 1e9);
            end = now_nanoseconds() + after_milliseconds * MILLISECOND;
        }
    }
    munmap(commands, (size_t)size);
    close(file);
    printf("longest %lld\n", (long long)probe.longest);
}

// --------------------------------------------------------------------------------------------------------- expiry

/// Matches a falling number of keys with the deadlines, which are known and in order: the nth key to go is taken
/// for the one with the nth deadline. A server that expires out of order looks better by this, never worse.
struct lateness {
    int64_t count, span_milliseconds, first_deadline;
    int64_t gone;
    int64_t *nanoseconds;
};

static int64_t deadline(const struct lateness *lateness, int64_t index) {
    return (lateness->first_deadline + index * lateness->span_milliseconds / lateness->count) * MILLISECOND;
}

static void note_gone(struct lateness *lateness, int64_t gone, int64_t now) {
    for (; lateness->gone < gone; lateness->gone++) {
        lateness->nanoseconds[lateness->gone] = now - deadline(lateness, lateness->gone);
    }
}

static int ascending(const void *left, const void *right) {
    int64_t one = *(const int64_t *)left, other = *(const int64_t *)right;
    return (one > other) - (one < other);
}

static int64_t percentile(const struct lateness *lateness, double share) {
    int64_t index = (int64_t)((double)lateness->count * share);
    return lateness->nanoseconds[index < lateness->count ? index : lateness->count - 1];
}

static void report_lateness(struct lateness *lateness, int64_t still_there) {
    qsort(lateness->nanoseconds, (size_t)lateness->count, sizeof(int64_t), ascending);
    printf("p50 %lld\n", (long long)percentile(lateness, 0.5));
    printf("p99 %lld\n", (long long)percentile(lateness, 0.99));
    printf("p999 %lld\n", (long long)percentile(lateness, 0.999));
    printf("longest %lld\n", (long long)percentile(lateness, 1));
    printf("earliest %lld\n", (long long)lateness->nanoseconds[0]);
    printf("still_there %lld\n", (long long)still_there);
}

/// How many keys the server has removed because their time came, by INFO: DBSIZE may leave out those that are only due.
static int64_t expired_keys(struct connection *connection) {
    static char reply[65536];
    size_t length = 0, wanted = sizeof reply - 1;
    send_all(connection, "INFO stats\r\n", 12, 0);
    while (length < wanted) {
        ssize_t count = recv(connection->socket, reply + length, sizeof reply - 1 - length, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) fail("INFO was not answered");
        length += (size_t)count;
        reply[length] = 0;
        char *body = strstr(reply, "\r\n");
        if (body) wanted = (size_t)(body + 2 - reply) + strtoul(reply + 1, NULL, 10) + 2;
    }
    char *field = strstr(reply, "expired_keys:");
    if (!field) fail("INFO tells no expired_keys");
    return strtoll(field + 13, NULL, 10);
}

static void expiry(int port, int64_t count, int64_t span_milliseconds, int64_t grace_milliseconds) {
    struct connection reader = open_connection(port), counter = open_connection(port);
    struct lateness lateness = {.count = count, .span_milliseconds = span_milliseconds};
    lateness.nanoseconds = calloc((size_t)count, sizeof(int64_t));
    if (!lateness.nanoseconds) fail("no memory for %lld deadlines", (long long)count);

    // GETs go to keys that stay: reading a key that is due would remove it and hide how late the server is.
    struct stream warm = {.template = set_template("warm:", "64", NULL, NULL), .count = WARM_KEYS};
    send_stream(&reader, &warm);
    lateness.first_deadline = wall_nanoseconds() / MILLISECOND + 1000 + count / 250;
    struct stream dying = {.template = set_template("dies:", "32", "PXAT", "1700000000000"), .count = count};
    dying.time_width = 13;
    dying.first_time = lateness.first_deadline;
    dying.time_span = span_milliseconds;
    send_stream(&reader, &dying);
    if (wall_nanoseconds() >= deadline(&lateness, 0)) fail("loading took longer than the time set aside for it");
    if (database_size(&counter) != count + WARM_KEYS) fail("%lld keys after loading", (long long)counter.last_integer);

    int64_t expired_before = expired_keys(&counter);
    struct stream reads = {.template = get_template("warm:"), .count = WARM_KEYS};
    int64_t end = deadline(&lateness, count - 1) + grace_milliseconds * MILLISECOND, next_sample = 0;
    int64_t now = wall_nanoseconds(), reads_before = reader.sent, began = now, last_sample = now, longest_pause = 0;
    while (lateness.gone < count && now < end) {
        if (reader.sent == reader.received) {
            if (reads.next == reads.count) reads.next = 0;
            send_batch(&reader, &reads, READ_BATCH);
        }
        wait_for_either(&reader, &reader);
        receive(&reader, false);
        now = wall_nanoseconds();
        if (now < next_sample) continue;
        next_sample = now + MILLISECOND;
        int64_t expired = expired_keys(&counter) - expired_before;
        now = wall_nanoseconds();
        if (now - last_sample > longest_pause) longest_pause = now - last_sample;
        last_sample = now;
        note_gone(&lateness, expired, now);
    }
    int64_t still_there = count - lateness.gone;
    note_gone(&lateness, count, now);
    report_lateness(&lateness, still_there);
    free(lateness.nanoseconds);
    printf("longest_pause %lld\n", (long long)longest_pause);
    printf("reads_per_second %.0f\n", (double)(reader.received - reads_before) * 1e9 / (double)(now - began));
}

// ---------------------------------------------------------------------------------------------------------- start

static bool pongs(int descriptor) {
    char reply[7];
    if (send(descriptor, "PING\r\n", 6, MSG_NOSIGNAL) != 6) return false;
    return recv(descriptor, reply, sizeof reply, MSG_WAITALL) == 7 && memcmp(reply, "+PONG\r\n", 7) == 0;
}

static void start(int port, char **program) {
    int64_t *exec_time = mmap(NULL, sizeof *exec_time, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (exec_time == MAP_FAILED) fail("no shared page: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        *exec_time = now_nanoseconds();
        execv(program[0], program);
        _exit(127);
    }
    if (child < 0) fail("cannot fork: %s", strerror(errno));

    int64_t deadline = now_nanoseconds() + 10000 * MILLISECOND;
    bool ready = false, gone = false;
    while (!ready && !gone && now_nanoseconds() < deadline) {
        int descriptor = try_connect(port);
        if (descriptor < 0) {
            gone = waitpid(child, NULL, WNOHANG) != 0;
            continue;
        }
        ready = pongs(descriptor);
        close(descriptor);
    }
    int64_t took = now_nanoseconds() - *exec_time;
    if (gone) fail("%s ended before it answered", program[0]);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    if (!ready) fail("%s did not answer PING within 10 s", program[0]);
    printf("start %lld\n", (long long)took);
}

int main(int count, char **words) {
    const char *mode = count > 2 ? words[1] : "";
    int port = count > 2 ? atoi(words[2]) : 0;
    if (!strcmp(mode, "fill") && count == 7) fill(port, atoll(words[3]), words[4], words[5], !strcmp(words[6], "days"));
    else if (!strcmp(mode, "read") && count == 5) read_all(port, atoll(words[3]), words[4]);
    else if (!strcmp(mode, "gaps") && count == 6) gaps(port, atoll(words[3]), words[4], atoll(words[5]));
    else if (!strcmp(mode, "replay") && count == 6) replay(port, words[3], atoll(words[4]), atoll(words[5]));
    else if (!strcmp(mode, "expiry") && count == 6) expiry(port, atoll(words[3]), atoll(words[4]), atoll(words[5]));
    else if (!strcmp(mode, "start") && count >= 4) start(port, words + 3);
    else fail("load: see the top of load.c for what it takes");
    return 0;
}
