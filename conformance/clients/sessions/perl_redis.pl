# Perl's Redis (plain Perl) and Redis::Fast (over hiredis), which share their interface.

use strict;
use warnings;
use Redis;
use Redis::Fast;

my ($port, $socket) = @ARGV;
my $class;
my $failed = 0;
$| = 1;

sub connected { return $class->new(server => "127.0.0.1:$port", reconnect => 0, read_timeout => 10, @_) }

sub equal {
    my ($got, $wanted, $what) = map { $_ // "undef" } @_;
    die "$what: got '" . substr($got, 0, 200) . "', wanted '" . substr($wanted, 0, 200) . "'\n" if $got ne $wanted;
}

sub refused {
    my ($text, $body) = @_;
    die "'$text' was expected\n" if eval { $body->(); 1 };
    die "$@ lacks '$text'\n" if index($@, $text) < 0;
}

sub check {
    my ($name, $body) = @_;
    connected()->flushall;
    if (eval { $body->(); 1 }) {
        print "ok $class: $name\n";
    } else {
        $failed++;
        my $error = $@;
        $error =~ s/^/    /mg;
        print "not ok $class: $name\n$error\n";
    }
}

for my $module ("Redis", "Redis::Fast") {
    $class = $module;

    check "strings, keys, expiry" => sub {
        my $redis = connected();
        equal $redis->set("k", "v"), "OK", "set";
        equal $redis->get("k"), "v", "get";
        equal $redis->get("none"), undef, "no key";
        equal $redis->set("k", "w", "NX"), undef, "NX";
        equal $redis->set("k", "w", "EX", 100, "GET"), "v", "GET";
        equal join(",", map { $_ // "nil" } $redis->mget("k", "none")), "w,nil", "mget";
        equal $redis->incrby("n", 41) + $redis->incr("n"), 83, "incr";
        equal $redis->incrbyfloat("n", "0.5"), "42.5", "incrbyfloat";
        equal $redis->append("k", "!\r\n"), 4, "append";
        equal $redis->getrange("k", 1, -1), "!\r\n", "getrange";
        equal join(",", sort $redis->keys("*")), "k,n", "keys";
        equal $redis->exists("k"), 1, "exists";
        equal $redis->type("k"), "string", "type";
        equal $redis->ttl("k") > 98, 1, "ttl";
        equal $redis->persist("k") . $redis->ttl("k"), "1-1", "persist";
        equal $redis->rename("k", "l") . $redis->del("l", "n"), "OK2", "del";
        equal $redis->select(3), "OK", "select";
        equal $redis->dbsize, 0, "dbsize";
        my $every = join "", map { chr } 0 .. 255;
        my $large = $every x 8192;
        equal $redis->set($every, $large), "OK", "large";
        equal $redis->get($every) eq $large, 1, "large";
    };

    check "pipelines and errors" => sub {
        my $redis = connected();
        my ($sum, $errors) = (0, 0);
        for my $number (1 .. 5000) {
            $redis->set("k", $number, sub { });
            $redis->incr("k", sub { $sum += $_[0] });
            $redis->get("a", "b", sub { $errors++ if $_[1] =~ /wrong number of arguments for 'get' command/ });
        }
        $redis->wait_all_responses;
        equal $sum, 5000 * 5001 / 2 + 5000, "replies";
        equal $errors, 5000, "errors";
        $redis->set("t", "text");
        refused "ERR value is not an integer or out of range", sub { $redis->incr("t") };
        refused "ERR unknown command", sub { $redis->nosuchcommand("a") };
        equal $redis->ping, "PONG", "ping";
    };

    check "SCAN, INFO, CONFIG, CLIENT" => sub {
        my $redis = connected(name => "perlish");
        $redis->mset(map { ("key:$_", $_) } 1 .. 2000);
        my ($cursor, $page, %seen) = (0);
        do {
            ($cursor, $page) = $redis->scan($cursor, "COUNT", 100);
            $seen{$_} = 1 for @$page;
        } while ($cursor ne "0");
        equal scalar(keys %seen), 2000, "scan";
        my $info = $redis->info;
        equal $info->{tcp_port}, $port, "info";
        equal $info->{db0} =~ /^keys=2000,expires=0,/ ? 1 : 0, 1, "keyspace";
        my %settings = $redis->config_get("maxmemory*");
        equal $settings{"maxmemory-policy"}, "noeviction", "config_get";
        equal $redis->client_getname, "perlish", "getname";
        equal $redis->client_list =~ / name=perlish / ? 1 : 0, 1, "client_list";
        my ($seconds, $microseconds) = $redis->time;
        equal abs($seconds - time) < 5, 1, "time";
    };

    check "passwords, a killed connection, a Unix socket" => sub {
        my $admin = connected();
        $admin->config_set("requirepass", "secret");
        my $good = eval {
            refused "NOAUTH Authentication required", sub { connected()->get("k") };
            refused $class eq "Redis" ? "WRONGPASS" : "refused password", sub { connected(password => "wrong")->ping };
            equal connected(password => "secret")->ping, "PONG", "password";
            1;
        };
        my $error = $@;
        $admin->config_set("requirepass", "");
        die $error unless $good;
        my $redis = connected(reconnect => 2, every => 1000);
        equal $redis->ping, "PONG", "before the kill";
        equal $admin->client_kill("TYPE", "normal", "SKIPME", "yes") >= 1, 1, "kill";
        equal $redis->ping, "PONG", "after the kill";
        equal $class->new(sock => $socket)->ping, "PONG", "socket";
    };
}

exit($failed ? 1 : 0);
