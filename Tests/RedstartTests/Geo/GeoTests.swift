import Testing

@testable import Redstart

@Suite struct GEOADD {
    @Test func `adds and moves members, as far as the options let it`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania", ":2\r\n"),
            ("GEOADD g 13.361389 38.115556 Palermo", ":0\r\n"),
            ("GEOADD g CH 13 38 Palermo", ":1\r\n"),
            ("GEOADD g NX 1 1 Palermo 2 2 b", ":1\r\n"),
            ("GEOADD g XX CH 3 3 b 4 4 c", ":1\r\n"),
            ("ZCARD g", ":3\r\n"),
            ("GEOPOS g b", "*1\r\n*2\r\n$19\r\n2.99999982118606567\r\n$19\r\n3.00000091215010656\r\n"),
            ("GEOADD none XX 1 1 a", ":0\r\n"),
            ("EXISTS none", ":0\r\n"),
            ("GEOADD lim 180 85.05112878 a -180 -85.05112878 b", ":2\r\n"),
            ("ZSCORE lim a", "$17\r\n13510798882111488\r\n"),
            ("ZSCORE lim b", "$1\r\n0\r\n"),
            (
                "GEOPOS lim a b",
                """
                *2\r\n*2\r\n$3\r\n180\r\n$19\r\n85.0511287799999991\r\n*2\r\n$22\r\n\
                -179.99999731779098511\r\n$21\r\n-85.05112751263942528\r\n
                """
            ),
        ])
    }

    @Test func `refuses what is no place`() {
        Session().expect([
            ("GEOADD g 181 1 a", "-ERR invalid longitude,latitude pair 181.000000,1.000000\r\n"),
            ("GEOADD g 1 85.06 a", "-ERR invalid longitude,latitude pair 1.000000,85.060000\r\n"),
            ("GEOADD g x 1 a", "-ERR value is not a valid float\r\n"),
            ("GEOADD g 1 x a", "-ERR value is not a valid float\r\n"),
            ("GEOADD g nan 1 a", "-ERR value is not a valid float\r\n"),
            ("GEOADD g 1 1 a 200 2 b", "-ERR invalid longitude,latitude pair 200.000000,2.000000\r\n"),
            ("GEOADD g NX XX 1 1 a", "-ERR syntax error\r\n"),
            ("GEOADD g 1 1 a 2", "-ERR syntax error\r\n"),
            ("GEOADD g FOO 1 1 a", "-ERR syntax error\r\n"),
            ("EXISTS g", ":0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GEOADD l 1 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GEOADD l 200 1 a", "-ERR invalid longitude,latitude pair 200.000000,1.000000\r\n"),
            ("GEOADD", "-ERR wrong number of arguments for 'geoadd' command\r\n"),
            ("GEOADD g 1 1", "-ERR wrong number of arguments for 'geoadd' command\r\n"),
        ])
    }

    @Test func `counts and names its changes`() {
        Session().expectChanges([
            ("GEOADD g 1 1 a 2 2 b", 2, ["new g", "zadd g"]),
            ("GEOADD g 1 1 a 3 3 b", 1, ["zadd g"]),
            ("GEOADD g 1 1 a", 0, []),
            ("GEOADD g XX 9 9 z", 0, []),
        ])
    }
}

@Suite struct GEODIST {
    @Test func `answers the distance in the unit wanted`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEODIST g Palermo Catania", "$11\r\n166274.1516\r\n"),
            ("GEODIST g Palermo Catania m", "$11\r\n166274.1516\r\n"),
            ("GEODIST g Palermo Catania km", "$8\r\n166.2742\r\n"),
            ("GEODIST g Palermo Catania MI", "$8\r\n103.3182\r\n"),
            ("GEODIST g Palermo Catania ft", "$11\r\n545518.8700\r\n"),
            ("GEODIST g Palermo Palermo", "$6\r\n0.0000\r\n"),
            ("GEODIST g Palermo none", "$-1\r\n"),
            ("GEODIST none a b", "$-1\r\n"),
            ("GEODIST g Palermo Catania xx", "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n"),
            ("GEODIST none a b xx", "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n"),
            ("GEODIST g Palermo Catania km x", "-ERR syntax error\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GEODIST l a b", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GEODIST", "-ERR wrong number of arguments for 'geodist' command\r\n"),
            ("GEODIST g a", "-ERR wrong number of arguments for 'geodist' command\r\n"),
        ])
    }
}

@Suite struct GEOHASH {
    @Test func `answers eleven letters for each member`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEOHASH g Palermo none Catania", "*3\r\n$11\r\nsqc8b49rny0\r\n$-1\r\n$11\r\nsqdtr74hyu0\r\n"),
            ("GEOHASH g", "*0\r\n"),
            ("GEOHASH none a b", "*2\r\n$-1\r\n$-1\r\n"),
            ("GEOHASH none", "*0\r\n"),
            ("GEOADD p 0 0 a -180 -85 b 180 85 c", ":3\r\n"),
            ("GEOHASH p a b c", "*3\r\n$11\r\ns0000000000\r\n$11\r\n00bh2n0p050\r\n$11\r\nbp0581b0bh0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GEOHASH l a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GEOHASH", "-ERR wrong number of arguments for 'geohash' command\r\n"),
        ])
    }
}

@Suite struct GEOPOS {
    @Test func `answers the middle of the cell of each member`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            (
                "GEOPOS g Palermo none Catania",
                """
                *3\r\n*2\r\n$20\r\n13.36138933897018433\r\n$20\r\n38.11555639549629859\r\n\
                *-1\r\n*2\r\n$20\r\n15.08726745843887329\r\n$20\r\n37.50266842333162032\r\n
                """
            ),
            ("GEOPOS g", "*0\r\n"),
            ("GEOPOS none a", "*1\r\n*-1\r\n"),
            ("ZADD g 0 zero 5 five", ":2\r\n"),
            (
                "GEOPOS g zero five",
                """
                *2\r\n*2\r\n$22\r\n-179.99999731779098511\r\n$21\r\n-85.05112751263942528\r\n\
                *2\r\n$22\r\n-179.99999731779098511\r\n$21\r\n-85.05111990847595393\r\n
                """
            ),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GEOPOS l a", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GEOPOS", "-ERR wrong number of arguments for 'geopos' command\r\n"),
        ])
    }
}

@Suite struct GEORADIUS {
    @Test func `finds members in a circle`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEORADIUS g 15 37 200 km", "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"),
            (
                "GEORADIUS g 15 37 200 km WITHDIST WITHHASH WITHCOORD DESC",
                """
                *2\r\n*4\r\n$7\r\nPalermo\r\n$8\r\n190.4424\r\n:3479099956230698\r\n*2\r\n\
                $20\r\n13.36138933897018433\r\n$20\r\n38.11555639549629859\r\n*4\r\n$7\r\n\
                Catania\r\n$7\r\n56.4413\r\n:3479447370796909\r\n*2\r\n$20\r\n\
                15.08726745843887329\r\n$20\r\n37.50266842333162032\r\n
                """
            ),
            ("GEORADIUS g 15 37 2000 km ASC", "*3\r\n$7\r\nCatania\r\n$7\r\nPalermo\r\n$4\r\nRome\r\n"),
            ("GEORADIUS g 15 37 2000 km COUNT 1", "*1\r\n$7\r\nCatania\r\n"),
            ("GEORADIUS g 15 37 2000 km COUNT 2 ANY", "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"),
            ("GEORADIUS g 15 37 2000 km DESC COUNT 1 WITHDIST", "*1\r\n*2\r\n$4\r\nRome\r\n$8\r\n585.7044\r\n"),
            ("GEORADIUS g 15 37 0 m", "*0\r\n"),
            ("GEORADIUS g 15 37 inf km", "*3\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n$4\r\nRome\r\n"),
            ("GEORADIUS none 1 1 1 km", "*0\r\n"),
        ])
    }

    @Test func `stores what it found`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEORADIUS g 15 37 200 km STORE d", ":2\r\n"),
            (
                "ZRANGE d 0 -1 WITHSCORES",
                """
                *4\r\n$7\r\nPalermo\r\n$16\r\n3479099956230698\r\n$7\r\nCatania\r\n$16\r\n\
                3479447370796909\r\n
                """
            ),
            ("GEORADIUS g 15 37 2000 km STOREDIST d COUNT 1", ":1\r\n"),
            ("ZCARD d", ":1\r\n"),
            ("GEORADIUS g 0 0 1 m STORE d", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
            ("GEORADIUS g 15 37 2000 km STORE g COUNT 1", ":1\r\n"),
            ("ZCARD g", ":1\r\n"),
            (
                "GEORADIUS g 15 37 1 km STORE d WITHDIST",
                "-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n"
            ),
            ("GEORADIUS g 15 37 1 km STORE", "-ERR syntax error\r\n"),
        ])
    }

    @Test func `refuses wrong words before it looks for members`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEORADIUS g 15 37 -1 xx", "-ERR radius cannot be negative\r\n"),
            ("GEORADIUS g 15 37 a km", "-ERR need numeric radius\r\n"),
            ("GEORADIUS g x 37 1 km", "-ERR value is not a valid float\r\n"),
            ("GEORADIUS none 200 37 1 km", "-ERR invalid longitude,latitude pair 200.000000,37.000000\r\n"),
            ("GEORADIUS g 15 37 1 xx", "-ERR unsupported unit provided. please use M, KM, FT, MI\r\n"),
            ("GEORADIUS none 15 37 1 km FOO", "-ERR syntax error\r\n"),
            ("GEORADIUS g 15 37 1 km COUNT 0", "-ERR COUNT must be > 0\r\n"),
            ("GEORADIUS g 15 37 1 km COUNT a", "-ERR value is not an integer or out of range\r\n"),
            ("GEORADIUS g 15 37 1 km COUNT", "-ERR syntax error\r\n"),
            ("GEORADIUS none 15 37 1 km ANY", "-ERR the ANY argument requires COUNT argument\r\n"),
            ("GEORADIUS g 15 37 1 km BYBOX 1 1 km", "-ERR syntax error\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GEORADIUS l 200 37 a km", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GEORADIUS", "-ERR wrong number of arguments for 'georadius' command\r\n"),
            ("GEORADIUS g 1 1 1", "-ERR wrong number of arguments for 'georadius' command\r\n"),
        ])
    }

    @Test func `counts and names what it stores`() {
        Session().expectChanges([
            (
                "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", 3,
                ["new g", "zadd g"]
            ),
            ("GEORADIUS g 15 37 2000 km STORE d", 3, ["new d", "georadiusstore d"]),
            ("GEORADIUS g 0 0 1 m STORE d", 1, ["del d"]),
            ("GEORADIUS g 0 0 1 m STORE d", 0, []),
        ])
    }
}

@Suite struct GEORADIUS_RO {
    @Test func `finds, and stores nothing`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            (
                "GEORADIUS_RO g 15 37 200 km ASC WITHDIST",
                """
                *2\r\n*2\r\n$7\r\nCatania\r\n$7\r\n56.4413\r\n*2\r\n$7\r\nPalermo\r\n$8\r\n\
                190.4424\r\n
                """
            ),
            ("GEORADIUS_RO g 15 37 200 km STORE d", "-ERR syntax error\r\n"),
            ("GEORADIUS_RO g 15 37 200 km STOREDIST d", "-ERR syntax error\r\n"),
            ("GEORADIUS_RO none 1 1 1 km", "*0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            ("GEORADIUS_RO l 1 1 1 km", "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
            ("GEORADIUS_RO g 1 1 1", "-ERR wrong number of arguments for 'georadius_ro' command\r\n"),
        ])
    }
}

@Suite struct GEORADIUSBYMEMBER {
    @Test func `finds members around one of them`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEORADIUSBYMEMBER g Palermo 200 km", "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"),
            (
                "GEORADIUSBYMEMBER g Palermo 2000 km DESC WITHDIST",
                """
                *3\r\n*2\r\n$4\r\nRome\r\n$8\r\n427.2716\r\n*2\r\n$7\r\nCatania\r\n$8\r\n\
                166.2742\r\n*2\r\n$7\r\nPalermo\r\n$6\r\n0.0000\r\n
                """
            ),
            ("GEORADIUSBYMEMBER g none 200 km", "-ERR could not decode requested zset member\r\n"),
            ("GEORADIUSBYMEMBER none none 200 km", "*0\r\n"),
            ("GEORADIUSBYMEMBER none a b km", "*0\r\n"),
            ("GEORADIUSBYMEMBER none a b km FOO", "-ERR syntax error\r\n"),
            ("GEORADIUSBYMEMBER g Palermo 200 km STORE d", ":2\r\n"),
            ("ZRANGE d 0 -1", "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"),
            ("GEORADIUSBYMEMBER none a 1 km STORE d", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            (
                "GEORADIUSBYMEMBER l a 1 km",
                "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
            ),
            ("GEORADIUSBYMEMBER g a 1", "-ERR wrong number of arguments for 'georadiusbymember' command\r\n"),
        ])
    }
}

@Suite struct GEORADIUSBYMEMBER_RO {
    @Test func `finds, and stores nothing`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEORADIUSBYMEMBER_RO g Palermo 200 km ASC", "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"),
            ("GEORADIUSBYMEMBER_RO g Palermo 200 km STORE d", "-ERR syntax error\r\n"),
            ("GEORADIUSBYMEMBER_RO none a 1 km", "*0\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            (
                "GEORADIUSBYMEMBER_RO l a 1 km",
                "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
            ),
            ("GEORADIUSBYMEMBER_RO g a 1", "-ERR wrong number of arguments for 'georadiusbymember_ro' command\r\n"),
        ])
    }
}

@Suite struct GEOSEARCH {
    @Test func `finds members in a circle or a box, around a place or a member`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEOSEARCH g FROMMEMBER Palermo BYRADIUS 200 km ASC", "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"),
            (
                "GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST WITHHASH WITHCOORD",
                """
                *2\r\n*4\r\n$7\r\nCatania\r\n$7\r\n56.4413\r\n:3479447370796909\r\n*2\r\n$20\r\n\
                15.08726745843887329\r\n$20\r\n37.50266842333162032\r\n*4\r\n$7\r\nPalermo\r\n\
                $8\r\n190.4424\r\n:3479099956230698\r\n*2\r\n$20\r\n13.36138933897018433\r\n\
                $20\r\n38.11555639549629859\r\n
                """
            ),
            ("GEOSEARCH g BYBOX 400 1200 km FROMLONLAT 15 37 DESC", "*2\r\n$7\r\nPalermo\r\n$7\r\nCatania\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYBOX 0 0 km", "*0\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 2000 km COUNT 1", "*1\r\n$7\r\nCatania\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 2000 km COUNT 1 ANY", "*1\r\n$7\r\nPalermo\r\n"),
            ("GEOSEARCH none FROMMEMBER none BYRADIUS 200 km", "*0\r\n"),
        ])
    }

    @Test func `refuses wrong words before it looks for members`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEOSEARCH g FROMMEMBER none BYRADIUS 200 km", "-ERR could not decode requested zset member\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYBOX a 1 km", "-ERR need numeric width\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 a km", "-ERR need numeric height\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYBOX -1 1 xx", "-ERR height or width cannot be negative\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS -1 km", "-ERR radius cannot be negative\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km BYBOX 1 1 km", "-ERR syntax error\r\n"),
            ("GEOSEARCH g FROMLONLAT 15 37 FROMMEMBER a BYRADIUS 1 km", "-ERR syntax error\r\n"),
            (
                "GEOSEARCH g BYRADIUS 1 km ASC COUNT 1",
                "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH\r\n"
            ),
            (
                "geosearch g FROMLONLAT 15 37 COUNT 1 ASC",
                "-ERR exactly one of BYRADIUS and BYBOX can be specified for geosearch\r\n"
            ),
            (
                "GEOSEARCH none FROMLONLAT 15 37 BYRADIUS 1 km ANY",
                "-ERR the ANY argument requires COUNT argument\r\n"
            ),
            ("GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km STOREDIST", "-ERR syntax error\r\n"),
            (
                "GEOSEARCH g FROMLONLAT 15 200 BYRADIUS 1 km",
                "-ERR invalid longitude,latitude pair 15.000000,200.000000\r\n"
            ),
            ("GEOSEARCH none FROMLONLAT 15 37 BYRADIUS a km", "-ERR need numeric radius\r\n"),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            (
                "GEOSEARCH l FROMLONLAT 15 37 BYRADIUS a km",
                "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
            ),
            ("GEOSEARCH g FROMLONLAT 15 37 ASC", "-ERR wrong number of arguments for 'geosearch' command\r\n"),
        ])
    }
}

@Suite struct GEOSEARCHSTORE {
    @Test func `stores what it found, or its distances`() {
        Session().expect([
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km", ":2\r\n"),
            (
                "ZRANGE d 0 -1 WITHSCORES",
                """
                *4\r\n$7\r\nPalermo\r\n$16\r\n3479099956230698\r\n$7\r\nCatania\r\n$16\r\n\
                3479447370796909\r\n
                """
            ),
            ("GEOSEARCHSTORE d g FROMLONLAT 15 37 BYBOX 2000 2000 km STOREDIST COUNT 2", ":2\r\n"),
            ("ZRANGE d 0 -1", "*2\r\n$7\r\nCatania\r\n$7\r\nPalermo\r\n"),
            (
                "GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km WITHDIST",
                "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options\r\n"
            ),
            ("GEOSEARCHSTORE d none FROMLONLAT 15 37 BYRADIUS 200 km", ":0\r\n"),
            ("EXISTS d", ":0\r\n"),
            (
                "GEOSEARCHSTORE d g BYRADIUS 1 km ASC COUNT 1",
                "-ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCHSTORE\r\n"
            ),
            (
                "GEOSEARCHSTORE d g FROMLONLAT 1 1 ASC COUNT 1",
                "-ERR exactly one of BYRADIUS and BYBOX can be specified for GEOSEARCHSTORE\r\n"
            ),
        ])
    }

    @Test func `refuses another type and a wrong number of words`() {
        Session().expect([
            ("LIST l", ""),
            (
                "GEOSEARCHSTORE d l FROMLONLAT 15 37 BYRADIUS 1 km",
                "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
            ),
            ("GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", ":3\r\n"),
            ("GEOSEARCHSTORE l g FROMLONLAT 15 37 BYRADIUS 200 km", ":2\r\n"),
            ("TYPE l", "+zset\r\n"),
            (
                "GEOSEARCHSTORE d g FROMLONLAT 15 37",
                "-ERR wrong number of arguments for 'geosearchstore' command\r\n"
            ),
        ])
    }

    @Test func `counts and names what it stores`() {
        Session().expectChanges([
            (
                "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.5 41.9 Rome", 3,
                ["new g", "zadd g"]
            ),
            ("GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 2000 km", 3, ["new d", "geosearchstore d"]),
            ("GEOSEARCHSTORE d g FROMLONLAT 0 0 BYRADIUS 1 m", 1, ["del d"]),
            ("GEOSEARCHSTORE d g FROMLONLAT 0 0 BYRADIUS 1 m", 0, []),
        ])
    }
}
