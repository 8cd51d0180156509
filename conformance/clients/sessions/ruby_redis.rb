# redis-rb, as Debian ships it: strings, keys, pipelines, scanning, errors, reconnection.

require "redis"

PORT = Integer(ARGV[0])
SOCKET = ARGV[1]
$failed = 0

def connect(**options)
  Redis.new(host: "127.0.0.1", port: PORT, timeout: 10, reconnect_attempts: 0, **options)
end

def check(name)
  connect.flushall
  yield
  puts "ok #{name}"
rescue StandardError => e
  $failed += 1
  puts "not ok #{name}", "    #{e.class}: #{e.message}", *e.backtrace.first(3).map { |line| "    #{line}" }
ensure
  $stdout.flush
end

def equal(got, wanted)
  raise "got #{got.inspect[0, 300]}, wanted #{wanted.inspect[0, 300]}" unless got == wanted
end

def refused(error, text)
  yield
rescue error => e
  raise "#{e.message.inspect} lacks #{text.inspect}" unless e.message.include?(text)
else
  raise "#{error} was expected"
end

check("strings and their options") do
  redis = connect
  equal redis.set("k", "v"), "OK"
  equal redis.get("k"), "v"
  equal redis.get("none"), nil
  equal redis.set("k", "w", nx: true), false
  equal redis.set("k", "w", xx: true, get: true, ex: 100), "v"
  equal redis.set("k", "x", keepttl: true), "OK"
  equal redis.ttl("k").between?(99, 100), true
  equal redis.getex("k", persist: true), "x"
  equal redis.getdel("k"), "x"
  equal redis.mset("a", 1, "b", 2), "OK"
  equal redis.mapped_mget("a", "b", "c"), { "a" => "1", "b" => "2", "c" => nil }
  equal redis.msetnx("a", 1, "z", 1), false
  equal [redis.incr("a"), redis.decrby("a", 5), redis.incrbyfloat("b", 0.5)], [2, -3, 2.5]
  equal [redis.append("t", "hello"), redis.strlen("t"), redis.getrange("t", 1, -2), redis.setrange("t", 7, "x")],
        [5, 5, "ell", 8]
  equal redis.get("t"), "hello\0\0x".b.force_encoding("UTF-8")
  equal [redis.setnx("t", "y"), redis.getset("t", "z"), redis.psetex("p", 5000, "v")], [false, "hello\0\0x", "OK"]
end

check("keys, expiry, databases") do
  redis = connect
  redis.mset("a", 1, "b", 2)
  equal [redis.exists("a", "b", "c"), redis.exists?("c"), redis.del("a", "c"), redis.type("b")], [2, false, 1, "string"]
  equal [redis.rename("b", "c"), redis.renamenx("c", "d"), redis.copy("d", "e"), redis.randomkey.nil?],
        ["OK", true, true, false]
  equal [redis.expire("d", 100), redis.pttl("d") > 99_000, redis.persist("d"), redis.ttl("d"), redis.ttl("none")],
        [true, true, true, -1, -2]
  equal [redis.move("e", 3), redis.dbsize, connect(db: 3).keys("*")], [true, 1, ["e"]]
  equal [redis.object("encoding", "d"), redis.touch("d"), redis.unlink("d")], ["int", 1, 1]
  redis.set("soon", "v", px: 60)
  sleep 0.1
  equal redis.exists?("soon"), false
end

check("binary and large values") do
  redis = connect
  every = (0..255).map(&:chr).join.b
  redis.set(every, every)
  equal redis.get(every).b, every
  huge = Random.bytes(10 * 1024 * 1024)
  redis.set("huge", huge)
  equal redis.get("huge").b == huge, true
end

check("pipelines: order, futures, errors") do
  redis = connect
  replies = redis.pipelined { |pipeline| 20_000.times { |n| pipeline.set("k:#{n}", n); pipeline.get("k:#{n}") } }
  equal replies, (0...20_000).flat_map { |n| ["OK", n.to_s] }
  future = nil
  redis.pipelined { |pipeline| future = pipeline.incr("n") }
  equal future.value, 1
  redis.set("text", "a")
  refused(Redis::CommandError, "ERR value is not an integer or out of range") do
    redis.pipelined { |pipeline| pipeline.incr("n"); pipeline.incr("text"); pipeline.incr("n") }
  end
  equal redis.get("n"), "3"
end

check("scan_each sees every key") do
  redis = connect
  redis.pipelined { |pipeline| 5000.times { |n| pipeline.set("key:#{n}", n) } }
  equal redis.scan_each(count: 37).to_a.uniq.size, 5000
  equal redis.scan_each(match: "key:12?").to_a.uniq.size, 10
  equal redis.scan_each(type: "list").to_a, []
end

check("INFO, CONFIG, CLIENT, TIME, SLOWLOG, MEMORY") do
  redis = connect(id: "rubyist")
  equal redis.info("server")["tcp_port"], PORT.to_s
  equal redis.info("commandstats")["flushall"]["calls"].to_i >= 1, true
  equal redis.config(:get, "maxmemory*")["maxmemory-policy"], "noeviction"
  equal redis.config(:set, "timeout", 0), "OK"
  refused(Redis::CommandError, "ERR Unknown option or number of arguments for CONFIG SET - 'nosuch'") do
    redis.config(:set, "nosuch", 1)
  end
  mine = redis.client(:list).find { |entry| entry["name"] == "rubyist" }
  equal [mine["db"], mine["cmd"]], ["0", "client|list"]
  equal (redis.time[0] - Time.now.to_i).abs < 5, true
  equal [redis.slowlog(:get).class, redis.call("MEMORY", "USAGE", "none"), redis.echo("x"), redis.ping],
        [Array, nil, "x", "PONG"]
  equal redis.call("COMMAND", "COUNT").is_a?(Integer), true
end

check("errors, passwords, and a database that is not there") do
  redis = connect
  redis.set("k", "text")
  refused(Redis::CommandError, "ERR value is not an integer or out of range") { redis.incr("k") }
  refused(Redis::CommandError, "ERR unknown command 'nosuch', with args beginning with: 'a'") do
    redis.call("nosuch", "a")
  end
  refused(Redis::CommandError, "ERR DB index is out of range") { connect(db: 99).ping }
  redis.config(:set, "requirepass", "secret")
  begin
    refused(Redis::CommandError, "NOAUTH Authentication required.") { connect.get("k") }
    refused(Redis::BaseError, "WRONGPASS invalid username-password pair or user is disabled.") do
      connect(password: "wrong").ping
    end
    equal connect(password: "secret").get("k"), "text"
    equal connect(username: "default", password: "secret").get("k"), "text"
    equal Redis.new(url: "redis://:secret@127.0.0.1:#{PORT}/2").ping, "PONG"
  ensure
    redis.config(:set, "requirepass", "")
  end
end

check("a killed connection comes back; a Unix socket; threads") do
  admin = connect
  redis = connect(reconnect_attempts: 1)
  first = redis.call("CLIENT", "ID")
  equal admin.client(:kill, "ID", first), 1
  equal redis.call("CLIENT", "ID") > first, true
  refused(Redis::ConnectionError, "") do
    fragile = connect
    admin.client(:kill, "ID", fragile.call("CLIENT", "ID"))
    fragile.ping
  end
  equal Redis.new(path: SOCKET).ping, "PONG"
  8.times.map { Thread.new { own = connect; 200.times { own.incr("n") } } }.each(&:join)
  equal redis.get("n"), "1600"
end

check("monitor") do
  lines = Queue.new
  watcher = Thread.new { connect.monitor { |line| lines << line } }
  equal lines.pop, "OK"
  connect.set("seen", "a b")
  line = lines.pop until line.to_s.include?("seen")
  equal line.include?('"set" "seen" "a b"'), true
  watcher.kill
end

exit($failed.zero? ? 0 : 1)
