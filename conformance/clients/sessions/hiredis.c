// hiredis as C programs use it: blocking, pipelined, and asynchronous over a poll loop of our own. Built twice, against
// Debian's 0.14, which knows RESP2 only, and against the current release, which adds RESP3.

#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int port;
static const char *path;
static int failures;
static int failed_before;

// Notes a failure of the check that runs, with the place and what was expected.
#define EXPECT(condition)                                                    \
    do {                                                                     \
        if (!(condition)) {                                                  \
            if (failures++ == failed_before) printf("not ok %s\n", current); \
            printf("    line %d: %s\n", __LINE__, #condition);               \
        }                                                                    \
    } while (0)

static const char *current;

static redisContext *connected(void) {
    struct timeval timeout = {10, 0};
    redisContext *context = redisConnectWithTimeout("127.0.0.1", port, timeout);
    if (context == NULL || context->err) {
        printf("not ok %s\n    no connection: %s\n", current, context ? context->errstr : "no memory");
        exit(1);
    }
    redisSetTimeout(context, timeout);
    return context;
}

static int is_status(const redisReply *reply, const char *text) {
    return reply != NULL && reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, text) == 0;
}

static int is_string(const redisReply *reply, const char *bytes, size_t length) {
    return reply != NULL && reply->type == REDIS_REPLY_STRING && reply->len == length &&
           memcmp(reply->str, bytes, length) == 0;
}

static int is_integer(const redisReply *reply, long long value) {
    return reply != NULL && reply->type == REDIS_REPLY_INTEGER && reply->integer == value;
}

static int is_error(const redisReply *reply, const char *text) {
    return reply != NULL && reply->type == REDIS_REPLY_ERROR && strcmp(reply->str, text) == 0;
}

static void test_sync(void) {
    redisContext *context = connected();
    redisReply *reply = redisCommand(context, "SET %s %b", "key", "a\0b\r\n", (size_t)5);
    EXPECT(is_status(reply, "OK"));
    freeReplyObject(reply);
    reply = redisCommand(context, "GET key");
    EXPECT(is_string(reply, "a\0b\r\n", 5));
    freeReplyObject(reply);
    reply = redisCommand(context, "GET none");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_NIL);
    freeReplyObject(reply);
    reply = redisCommand(context, "INCRBY n %lld", 9223372036854775807LL);
    EXPECT(is_integer(reply, 9223372036854775807LL));
    freeReplyObject(reply);
    reply = redisCommand(context, "MGET key none n");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 3);
    if (reply != NULL && reply->elements == 3) {
        EXPECT(is_string(reply->element[0], "a\0b\r\n", 5));
        EXPECT(reply->element[1]->type == REDIS_REPLY_NIL);
        EXPECT(is_string(reply->element[2], "9223372036854775807", 19));
    }
    freeReplyObject(reply);
    const char *words[] = {"SET", "", "empty name"};
    const size_t lengths[] = {3, 0, 10};
    reply = redisCommandArgv(context, 3, words, lengths);
    EXPECT(is_status(reply, "OK"));
    freeReplyObject(reply);
    redisFree(context);
}

static void test_errors(void) {
    redisContext *context = connected();
    redisReply *reply = redisCommand(context, "SET key text");
    freeReplyObject(reply);
    reply = redisCommand(context, "INCR key");
    EXPECT(is_error(reply, "ERR value is not an integer or out of range"));
    freeReplyObject(reply);
    reply = redisCommand(context, "INCR n");
    freeReplyObject(reply);
    reply = redisCommand(context, "INCRBY n 9223372036854775807");
    EXPECT(is_error(reply, "ERR increment or decrement would overflow"));
    freeReplyObject(reply);
    reply = redisCommand(context, "NOSUCH a");
    EXPECT(is_error(reply, "ERR unknown command 'NOSUCH', with args beginning with: 'a' "));
    freeReplyObject(reply);
    // An error inside a list of replies leaves the connection usable.
    reply = redisCommand(context, "PING");
    EXPECT(is_status(reply, "PONG"));
    freeReplyObject(reply);
    EXPECT(context->err == 0);
    redisFree(context);
}

static void test_pipeline(void) {
    enum { count = 100000 };
    redisContext *context = connected();
    for (int number = 0; number < count; number++) {
        redisAppendCommand(context, "SET key:%d %d", number, number);
        if (number % 3 == 0) redisAppendCommand(context, "INCR key:%d", number);
        if (number % 5 == 0) redisAppendCommand(context, "GET");
    }
    int wrong = 0;
    for (int number = 0; number < count; number++) {
        redisReply *reply = NULL;
        wrong += redisGetReply(context, (void **)&reply) != REDIS_OK || !is_status(reply, "OK");
        freeReplyObject(reply);
        if (number % 3 == 0) {
            wrong += redisGetReply(context, (void **)&reply) != REDIS_OK || !is_integer(reply, number + 1);
            freeReplyObject(reply);
        }
        if (number % 5 == 0) {
            wrong += redisGetReply(context, (void **)&reply) != REDIS_OK ||
                     !is_error(reply, "ERR wrong number of arguments for 'get' command");
            freeReplyObject(reply);
        }
        if (context->err) break;
    }
    EXPECT(wrong == 0);
    EXPECT(context->err == 0);
    redisFree(context);
}

static void test_large(void) {
    size_t size = 20 * 1024 * 1024;
    char *value = malloc(size);
    for (size_t index = 0; index < size; index++) value[index] = (char)(index * 31 >> 3);
    redisContext *context = connected();
    redisReply *reply = redisCommand(context, "SET huge %b", value, size);
    EXPECT(is_status(reply, "OK"));
    freeReplyObject(reply);
    reply = redisCommand(context, "GET huge");
    EXPECT(is_string(reply, value, size));
    freeReplyObject(reply);
    free(value);
    redisFree(context);
}

static void test_reconnect(void) {
    redisContext *context = connected(), *other = connected();
    redisReply *reply = redisCommand(context, "CLIENT ID");
    long long first = reply->integer;
    freeReplyObject(reply);
    reply = redisCommand(other, "CLIENT KILL ID %lld", first);
    EXPECT(is_integer(reply, 1));
    freeReplyObject(reply);
    reply = redisCommand(context, "PING");
    EXPECT(reply == NULL && (context->err == REDIS_ERR_EOF || context->err == REDIS_ERR_IO));
    EXPECT(redisReconnect(context) == REDIS_OK);
    reply = redisCommand(context, "CLIENT ID");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_INTEGER && reply->integer > first);
    freeReplyObject(reply);
    redisFree(context);
    redisFree(other);
}

static void test_protocol_error(void) {
    redisContext *context = connected();
    // What is written past the library reaches the server as it is.
    const char *rubbish = "*1\r\n$x\r\n";
    EXPECT(write(context->fd, rubbish, strlen(rubbish)) == (ssize_t)strlen(rubbish));
    redisReply *reply = NULL;
    EXPECT(redisGetReply(context, (void **)&reply) == REDIS_OK);
    EXPECT(is_error(reply, "ERR Protocol error: invalid bulk length"));
    freeReplyObject(reply);
    EXPECT(redisGetReply(context, (void **)&reply) == REDIS_ERR && context->err == REDIS_ERR_EOF);
    redisFree(context);
    context = connected();
    const char *line = "SET inline 'a b'\nGET inline\r\n\r\n";
    EXPECT(write(context->fd, line, strlen(line)) == (ssize_t)strlen(line));
    EXPECT(redisGetReply(context, (void **)&reply) == REDIS_OK && is_status(reply, "OK"));
    freeReplyObject(reply);
    EXPECT(redisGetReply(context, (void **)&reply) == REDIS_OK && is_string(reply, "a b", 3));
    freeReplyObject(reply);
    redisFree(context);
}

static void test_unix_socket(void) {
    redisContext *context = redisConnectUnix(path);
    EXPECT(context != NULL && context->err == 0);
    redisReply *reply = redisCommand(context, "ECHO %s", "hello");
    EXPECT(is_string(reply, "hello", 5));
    freeReplyObject(reply);
    redisFree(context);
}

#ifdef REDIS_REPLY_MAP
static void test_resp3(void) {
    redisContext *context = connected();
    redisReply *reply = redisCommand(context, "HELLO 3 SETNAME modern");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_MAP && reply->elements == 14);
    freeReplyObject(reply);
    reply = redisCommand(context, "CLIENT GETNAME");
    EXPECT(is_string(reply, "modern", 6));
    freeReplyObject(reply);
    reply = redisCommand(context, "GET none");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_NIL);
    freeReplyObject(reply);
    reply = redisCommand(context, "CONFIG GET maxmemory");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_MAP && reply->elements == 2);
    freeReplyObject(reply);
    reply = redisCommand(context, "INFO server");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_VERB && strcmp(reply->vtype, "txt") == 0);
    EXPECT(reply != NULL && strncmp(reply->str, "# Server\r\n", 10) == 0);
    freeReplyObject(reply);
    reply = redisCommand(context, "COMMAND INFO get");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 1);
    EXPECT(reply != NULL && reply->element[0]->element[2]->type == REDIS_REPLY_SET);
    freeReplyObject(reply);
    reply = redisCommand(context, "MEMORY STATS");
    int doubles = 0;
    for (size_t index = 1; reply != NULL && index < reply->elements; index += 2)
        doubles += reply->element[index]->type == REDIS_REPLY_DOUBLE;
    EXPECT(doubles >= 5);
    freeReplyObject(reply);
    reply = redisCommand(context, "HELLO 4");
    EXPECT(is_error(reply, "NOPROTO unsupported protocol version"));
    freeReplyObject(reply);
    reply = redisCommand(context, "HELLO 2");
    EXPECT(reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 14);
    freeReplyObject(reply);
    redisFree(context);
}
#endif

// A loop over poll for one asynchronous connection: which events the library wants, and whether it is gone.
struct Loop {
    redisAsyncContext *context;
    int reading, writing, gone;
    int replies, wrong, connections;
};

static void add_read(void *loop) { ((struct Loop *)loop)->reading = 1; }
static void delete_read(void *loop) { ((struct Loop *)loop)->reading = 0; }
static void add_write(void *loop) { ((struct Loop *)loop)->writing = 1; }
static void delete_write(void *loop) { ((struct Loop *)loop)->writing = 0; }

static void on_connect(const redisAsyncContext *context, int status) {
    ((struct Loop *)context->data)->connections += status == REDIS_OK;
}

static void on_disconnect(const redisAsyncContext *context, int status) {
    struct Loop *loop = context->data;
    loop->gone = status == REDIS_OK ? 1 : 2;
}

static void attach(struct Loop *loop) {
    memset(loop, 0, sizeof *loop);
    loop->context = redisAsyncConnect("127.0.0.1", port);
    loop->context->data = loop;
    loop->context->ev.data = loop;
    loop->context->ev.addRead = add_read;
    loop->context->ev.delRead = delete_read;
    loop->context->ev.addWrite = add_write;
    loop->context->ev.delWrite = delete_write;
    redisAsyncSetConnectCallback(loop->context, on_connect);
    redisAsyncSetDisconnectCallback(loop->context, on_disconnect);
}

// Turns the loop until the connection is gone, or nothing came for ten seconds.
static int run_until_gone(struct Loop *loop) {
    while (!loop->gone) {
        struct pollfd descriptor = {loop->context->c.fd, 0, 0};
        descriptor.events = (short)((loop->reading ? POLLIN : 0) | (loop->writing ? POLLOUT : 0));
        if (poll(&descriptor, 1, 10000) <= 0) return 0;
        if (descriptor.revents & POLLOUT) redisAsyncHandleWrite(loop->context);
        if (!loop->gone && descriptor.revents & (POLLIN | POLLHUP | POLLERR)) redisAsyncHandleRead(loop->context);
    }
    return 1;
}

static void on_increment(redisAsyncContext *context, void *reply, void *expected) {
    struct Loop *loop = context->data;
    loop->replies++;
    loop->wrong += !is_integer(reply, (long long)(size_t)expected);
    if ((size_t)expected == 50000) redisAsyncDisconnect(context);
}

static void test_async(void) {
    struct Loop loop;
    attach(&loop);
    for (size_t number = 1; number <= 50000; number++)
        redisAsyncCommand(loop.context, on_increment, (void *)number, "INCR n");
    EXPECT(run_until_gone(&loop));
    EXPECT(loop.connections == 1 && loop.gone == 1);
    EXPECT(loop.replies == 50000 && loop.wrong == 0);
}

static void on_lost(redisAsyncContext *context, void *reply, void *unused) {
    (void)unused;
    struct Loop *loop = context->data;
    loop->replies++;
    loop->wrong += reply != NULL;
}

static void on_identity(redisAsyncContext *context, void *reply, void *unused) {
    (void)unused;
    redisReply *number = reply;
    // The server is asked, by another client, to end this connection, whose next reply therefore never comes.
    redisContext *other = connected();
    redisReply *answer = redisCommand(other, "CLIENT KILL ID %lld", number->integer);
    EXPECT(is_integer(answer, 1));
    freeReplyObject(answer);
    redisFree(other);
    redisAsyncCommand(context, on_lost, NULL, "PING");
}

static void test_async_lost(void) {
    struct Loop loop;
    attach(&loop);
    redisAsyncCommand(loop.context, on_identity, NULL, "CLIENT ID");
    EXPECT(run_until_gone(&loop));
    EXPECT(loop.gone == 2 && loop.replies == 1 && loop.wrong == 0);
}

static void on_line(redisAsyncContext *context, void *reply, void *unused) {
    (void)unused;
    struct Loop *loop = context->data;
    redisReply *line = reply;
    if (line == NULL) return;
    loop->replies++;
    if (loop->replies == 1) {
        loop->wrong += !is_status(line, "OK");
        redisContext *other = connected();
        freeReplyObject(redisCommand(other, "SET seen %s", "a b"));
        redisFree(other);
    } else if (line->type == REDIS_REPLY_STATUS && strstr(line->str, "\"SET\" \"seen\" \"a b\"") != NULL) {
        redisAsyncDisconnect(context);
    }
}

static void test_async_monitor(void) {
    struct Loop loop;
    attach(&loop);
    redisAsyncCommand(loop.context, on_line, NULL, "MONITOR");
    // The library frees a connection that monitors only when told from outside a reply.
    while (loop.replies < 2 && !loop.gone) {
        struct pollfd descriptor = {loop.context->c.fd, 0, 0};
        descriptor.events = (short)((loop.reading ? POLLIN : 0) | (loop.writing ? POLLOUT : 0));
        if (poll(&descriptor, 1, 10000) <= 0) break;
        if (descriptor.revents & POLLOUT) redisAsyncHandleWrite(loop.context);
        if (descriptor.revents & POLLIN) redisAsyncHandleRead(loop.context);
    }
    EXPECT(loop.replies >= 2 && loop.wrong == 0);
    if (!loop.gone) redisAsyncFree(loop.context);
}

static void run(const char *name, void (*test)(void)) {
    current = name;
    failed_before = failures;
    redisContext *context = connected();
    freeReplyObject(redisCommand(context, "FLUSHALL"));
    redisFree(context);
    test();
    if (failures == failed_before) printf("ok %s\n", name);
    fflush(stdout);
}

int main(int count, char **words) {
    if (count != 3) return 2;
    port = atoi(words[1]);
    path = words[2];
    printf("    hiredis %d.%d.%d\n", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
    run("blocking commands, binary values, integers, lists", test_sync);
    run("errors are replies, and the connection stays", test_errors);
    run("150,000 commands pipelined, errors among them", test_pipeline);
    run("20 MB in and out", test_large);
    run("a killed connection is noticed and connected again", test_reconnect);
    run("a protocol error, then the end; inline commands with quotes", test_protocol_error);
    run("a Unix socket", test_unix_socket);
#ifdef REDIS_REPLY_MAP
    run("RESP3: HELLO, maps, sets, doubles, verbatim strings, and back", test_resp3);
#endif
    run("asynchronous: 50,000 replies in order, a clean end", test_async);
    run("asynchronous: a connection lost", test_async_lost);
    run("asynchronous: MONITOR", test_async_monitor);
    return failures ? 1 : 0;
}
