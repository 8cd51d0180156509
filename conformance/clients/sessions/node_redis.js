// node-redis 4, as Debian ships it: promises, automatic pipelining, iterators, errors, reconnection.

const assert = require("assert/strict");
const { createClient, commandOptions } = require("redis");

const port = Number(process.argv[2]);
const socketPath = process.argv[3];
const clients = [];
let failed = 0;

async function connect(options = {}) {
    const { socket, ...rest } = options;
    const client = createClient({ socket: { host: "127.0.0.1", port, ...socket }, ...rest });
    client.on("error", () => {});
    clients.push(client);
    await client.connect();
    return client;
}

async function check(name, body) {
    const admin = await connect();
    await admin.flushAll();
    try {
        await body(admin);
        console.log(`ok ${name}`);
    } catch (error) {
        failed += 1;
        const lines = String(error.stack).split("\n").slice(0, 12).map((line) => `    ${line}`);
        console.log([`not ok ${name}`, ...lines].join("\n"));
    }
    await Promise.all(clients.splice(0).map((client) => client.isOpen && client.disconnect()));
}

async function main() {
    await check("strings, keys, expiry", async (client) => {
        assert.equal(await client.set("k", "v", { EX: 100 }), "OK");
        assert.equal(await client.get("k"), "v");
        assert.equal(await client.get("none"), null);
        assert.equal(await client.set("k", "w", { NX: true }), null);
        assert.equal(await client.set("k", "w", { XX: true, GET: true, KEEPTTL: true }), "v");
        assert.ok(await client.ttl("k") > 98);
        assert.deepEqual(await client.mGet(["k", "none"]), ["w", null]);
        assert.equal(await client.incrBy("n", 42), 42);
        assert.equal(await client.incrByFloat("n", 0.5), "42.5");
        assert.equal(await client.getEx("k", { PERSIST: true }), "w");
        assert.equal(await client.ttl("k"), -1);
        assert.equal(await client.setRange("k", 3, "x"), 4);
        assert.equal(await client.getRange("k", 0, -1), "w\0\0x");
        assert.equal(await client.copy("k", "l"), true);
        assert.equal(await client.rename("l", "m"), "OK");
        assert.equal(await client.del(["k", "m", "none"]), 2);
        assert.equal(await client.expire("n", 10), true);
        assert.equal(await client.getDel("n"), "42.5");
        const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
        await client.set(every, Buffer.alloc(10 * 1024 * 1024, every));
        const large = await client.get(commandOptions({ returnBuffers: true }), every);
        assert.ok(large.equals(Buffer.alloc(10 * 1024 * 1024, every)));
    });

    await check("20,000 promises at once are pipelined and answered in order", async (client) => {
        const replies = await Promise.all(Array.from({ length: 20000 }, (_, number) =>
            number % 2 ? client.get(`k:${number - 1}`) : client.set(`k:${number}`, String(number))));
        replies.forEach((reply, number) => assert.equal(reply, number % 2 ? String(number - 1) : "OK"));
        const settled = await Promise.allSettled([client.set("t", "a"), client.incr("t"), client.incr("n")]);
        assert.deepEqual(settled.map((one) => one.status), ["fulfilled", "rejected", "fulfilled"]);
        assert.equal(settled[1].reason.message, "ERR value is not an integer or out of range");
    });

    await check("scanIterator sees every key", async (client) => {
        await client.mSet(Array.from({ length: 3000 }, (_, number) => [`key:${number}`, "x"]));
        const seen = new Set();
        for await (const key of client.scanIterator({ MATCH: "key:*", COUNT: 50, TYPE: "string" })) seen.add(key);
        assert.equal(seen.size, 3000);
    });

    await check("INFO, CONFIG, CLIENT, COMMAND, TIME", async () => {
        const client = await connect({ name: "noder", database: 3 });
        assert.ok((await client.info("server")).includes(`tcp_port:${port}\r\n`));
        assert.equal((await client.configGet("maxmemory*"))["maxmemory-policy"], "noeviction");
        assert.equal(await client.configSet("timeout", "0"), "OK");
        assert.equal(await client.clientGetName(), "noder");
        const mine = await client.clientInfo();
        assert.deepEqual([mine.name, mine.db, typeof mine.id], ["noder", 3, "number"]);
        assert.equal((await client.commandInfo(["get"]))[0].arity, 2);
        assert.ok(await client.commandCount() > 50);
        assert.ok(Math.abs(await client.time() - Date.now()) < 5000);
        await assert.rejects(client.sendCommand(["NOSUCH", "a"]),
            { message: "ERR unknown command 'NOSUCH', with args beginning with: 'a' " });
        await assert.rejects(client.configSet("nosuch", "1"),
            /Unknown option or number of arguments for CONFIG SET - 'nosuch'/);
    });

    await check("passwords, a killed connection, a Unix socket", async (admin) => {
        await admin.configSet("requirepass", "secret");
        try {
            const stranger = await connect();
            await assert.rejects(stranger.get("k"), { message: "NOAUTH Authentication required." });
            await assert.rejects(stranger.auth({ password: "wrong" }),
                { message: "WRONGPASS invalid username-password pair or user is disabled." });
            assert.equal(await (await connect({ password: "secret" })).ping(), "PONG");
        } finally {
            await admin.configSet("requirepass", "");
        }
        const client = await connect({ name: "victim" });
        const first = await client.clientId();
        const ready = new Promise((resolve) => client.once("ready", resolve));
        assert.equal(await admin.sendCommand(["CLIENT", "KILL", "ID", String(first)]), 1);
        await ready;
        assert.ok(await client.clientId() > first);
        assert.equal(await client.clientGetName(), "victim");
        const local = createClient({ socket: { path: socketPath } });
        await local.connect();
        assert.equal(await local.ping(), "PONG");
        await local.quit();
    });

    process.exit(failed ? 1 : 0);
}

// Node waits for ever on what never comes.
setTimeout(() => { console.log("not ok the session ends in time"); process.exit(1); }, 60000).unref();
main();
