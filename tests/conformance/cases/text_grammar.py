"""The text format: what is accepted, what is refused, and with which words."""

from scenario import Scenario, post, push_each, put

VALUES = [b"m " + v + b"\n" for v in b"""1 0 -0 +0 007 00 1. .5 -.5 +.5 +1 1e3 1E3 1e+3 1e-3 1.0E9 1e0 1e00 1e308 1e309 -1e309
    1e-400 -1e-400 4.9e-324 2e-324 2.2250738585072014e-308 1.7976931348623157e308 1.7976931348623159e308
    Inf +Inf -Inf inf INF iNf infinity Infinity +infinity -INFINITY NaN nan NAN nAn +NaN -nan infinit Infi
    1_000 1__0 _1 0x10 0X1p3 0x1p-2 1p3 1P3 0b1 0o7 0b 1e 1e+ e1 . - + +- -+1 --1 1e1e1 1.2.3 1,5 1f 1d 1L $1 NaN(1) nan() 1e99999999999
    123456 1234567 12345678.9 999999 1000000 100000 0.0001 0.00001 0.000123 1e20 1e21 1e22 123456789012345678 9007199254740993
    18446744073709551615 18446744073709551616 0.1 0.30000000000000004 5e-5 2.5 1e23 9.999999999999999e22 6.02214076e23 1.0000000000000002
    3.4028234663852886e+38 \xd9\xa1 1\xc2\xa0 null true""".split()]

NUMBER_EDGES = [b"m 0." + b"0" * 400 + b"1\n", b"m 1" + b"0" * 308 + b"\n", b"m 1" + b"0" * 309 + b"\n",
                b"m 0." + b"3" * 800 + b"\n", b"m " + b"0" * 1000 + b"1\n",
                b"m 179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880\n",
                b"m 2.47032822920623272088284396434110686182e-324\n", b"m 2.4703282292062328e-324\n",
                b"m 1.00000000000000011102230246251565404236316680908203125\n",
                b"m 1.00000000000000011102230246251565404236316680908203124\n",
                b"m 1.00000000000000011102230246251565404236316680908203126\n"]

SPACING = [b"m 1", b"m 1 ", b"m 1 \n", b"m  1\n", b"m\t1\n", b"m \t 1\n", b" m 1\n", b"\tm 1\n", b"   \n", b"\n\n\n", b"", b" ", b"\t \t",
           b"\nm 1\n\n", b"  \nm 1\n  \n", b"  \nm 1\n  ", b"m 1\r\n", b"m 1\r", b"\rm 1\n", b"m\r1\n", b"m 1\n\r\n", b"m\x0b1\n", b"m\x0c1\n", b"m\xc2\xa01\n",
           b"m 1\x00\n", b"m\x001\n", b"\x00", b"m", b"m\n", b"m \n", b"m\n1\n", b"m 1 2 3\n", b"m 1 2 \n", b"m 1 2\t\n", b"m 1\t\n",
           b"m 1\nn 2", b"m 1\n#", b"m 1\n# c", b"m 1\n# c\n", b"\xef\xbb\xbfm 1\n", b"m 1\x1a", b"m 1;n 2\n", b"m=1\n", b"m:1\n", b"m: 1\n", b"1\n", b"m 1 # c\n"]

TOUCHING = [b"m.5\n", b"m+5\n", b"m-5\n", b"m5\n", b"m{}5\n", b'm{a="b"}-Inf\n', b'm{a="b"}NaN\n', b"m.5 1\n", b"m+Inf\n", b"m{ }1\n", b"m {} 1\n", b"m { } 1\n", b"m\t{}\t1\n",
            b"m {}1\n", b"m{}\n", b"m{} \n", b"m{}", b"m{", b"m{}}1\n", b"m{}{} 1\n", b"m}1\n", b"m*1\n", b"m/1\n", b"m(1)\n"]

NAMES = [n + b" 1\n" for n in [b"a", b"A", b"_", b":", b"a:b", b"_a1", b"a1_:", b"1a", b"-a", b"a-b", b"a.b", b"a b", b"\xc3\xa9", b"a\xc3\xa9", b"a\xff", b"$a", b"@", b"a" * 1000, b"a,b", b"a\"b", b"a'b", b"\"", b"'a'", b"=", b",", b"~", b"a\x7f"]]

LABELS = [b"m{" + inner + b"} 1\n" for inner in [
    b'a="b"', b' a="b" ', b'a ="b"', b'a= "b"', b'a = "b"', b'\ta\t=\t"b"\t', b'a="b",', b'a="b" ,', b'a="b", ', b'a="b",,', b',', b',a="b"', b'a="b",c="d"', b'a="b" , c="d"', b'a="b"c="d"', b'a="b" c="d"',
    b'a="b",\tc="d",', b'a=""', b'a="', b'a="b', b'a=b', b"a='b'", b'a', b'a=', b'a=,', b'="b"', b'1="b"', b'1a="b"', b'a1="b"', b'_="b"', b'__="b"', b'__a="b"', b'_a="b"', b'__name__="b"', b'__name__="m"', b':="b"', b'a:b="c"', b'a-b="c"', b'a.b="c"',
    b'\xc3\xa9="c"', b'a="\xc3\xa9"', b'a="\xff"', b'a="\xc0\x80"', b'a="\xed\xa0\x80"', b'a="\xf4\x90\x80\x80"', b'a="\xe2\x82"', b'a="\xf0\x9f\x98\x80"', b'a="\xef\xbf\xbd"',
    b'a="\t"', b'a="\r"', b'a="\x00"', b'a="\x01\x7f"', b'a="\\\\"', b'a="\\n"', b'a="\\""', b'a="\\t"', b'a="\\r"', b'a="\\x41"', b'a="\\\'"', b'a="\\', b'a="\\\\\\"', b'a="\\\\\\""', b'a="\n"', b'a="b\nc"', b'a="{}"', b'a="#"', b'a=",b="', b'a=" "',
    b'a="b",a="b"', b'a="b",a="c"', b'a="b",c="d",a="e"', b'job="x"', b'job=""', b'instance="x"', b'instance=""', b'instance="x",job="y"', b'le="1"', b'quantile="1"', b'quantile="x"', b'le="x"', b'le=""', b'a="' + b"x" * 20000 + b'"',
    b'z="1",y="2",x="3",a="4"', b'A="1",a="2",_="3"', b'a=="b"', b'a="b"=', b'a!="b"', b'a=~"b"', b'a="<>&\xe2\x80\xa8\xe2\x80\xa9"', b'"a"="b"', b'a="b"}', b'{', b'}', b'a="b";', b'a="b"\n', b'\n', b'a\n="b"']]
LABELS.append(b"m{" + b",".join(b'l%d="v"' % i for i in range(300)) + b"} 1\n")

QUOTED = [b'"m" 1\n', b"{m} 1\n", b'{"m"} 1\n', b'{"m",} 1\n', b'{"m",a="b"} 1\n', b'{a="b","m"} 1\n', b'{a="b","m",} 1\n', b'm{"a"="b"} 1\n', b'{"m","a"="b"} 1\n', b'{"m.x"} 1\n', b'{"m.x",a="b"} 1\n', b'{"m","a.b"="c"} 1\n',
          b'm{"a.b"="c"} 1\n', b'"m.x" 1\n', b'"m x"{a="b"} 1\n', b'"m"{a="b"} 1\n', b'{"m","n"} 1\n', b'm{"n"} 1\n', b'm{"n",a="b"} 1\n', b'{"m" ,a="b"} 1\n', b'{ "m" } 1\n', b'{"m"}1\n', b"{} 1\n", b"{}1\n", b"{ } 1\n", b"{}", b"{}\n", b"{,}1\n", b'{""} 1\n', b'"" 1\n', b'{"m\\n"} 1\n', b'{"m\\""} 1\n',
          b'{"m\\\\"} 1\n', b'{"\xff"} 1\n', b'{"\xc3\xa9"} 1\n', b'{"m",""="b"} 1\n', b'{"m"="b"} 1\n', b'{a="b"} 1\n', b'{a="b",} 1\n', b'{"m" "n"} 1\n', b'{"m"a="b"} 1\n', b'{"m', b'{"m"', b'"m', b'"m"\n', b'{m,a="b"} 1\n', b'{m,n} 1\n', b"{,} 1\n", b'{"m"} 1 5\n', b'{"__name__"="m"} 1\n',
          b'# TYPE "m" gauge\n{"m"} 1\n', b'# TYPE "m" gauge\nm 1\n', b'# TYPE m gauge\n{"m"} 1\n', b'# TYPE "m.x" gauge\n{"m.x"} 1\n', b'# HELP "m" help\n{"m"} 1\n', b'# HELP "m.x" help\n', b'# TYPE "h" histogram\n{"h_bucket",le="1"} 1\n{"h_count"} 1\n{"h_sum"} 1\n', b'# TYPE "m" gauge ', b'# TYPE "m gauge\n']

COMMENTS = [b"#\n", b"# \n", b"#c\n", b"##\n", b"# #\n", b"#\xff\n", b"#\x00\n", b"# m 1\nm 2\n", b"#m 1\n", b"#" + b"x" * 70000 + b"\nm 1\n", b" # c\n", b"\t#c\nm 1\n", b"# EOF\n", b"m 1\n# EOF\n", b"# UNIT m seconds\nm 1\n", b"#EOF",
            b"# HELPm x\nm 1\n", b"# help m x\nm 1\n", b"# Type m gauge\nm 1\n", b"# HELP\n", b"# HELP \n", b"# TYPE\n", b"# TYPE \n", b"#HELP\n", b"#TYPE\n", b"# HELP\tm x\nm 1\n", b"#\tHELP m x\nm 1\n", b"#HELP m x\nm 1\n", b"#TYPE m gauge\nm 1\n", b"#  HELP m x\nm 1\n", b"#   TYPE   m   gauge\nm 1\n"]

HELP = [b"# HELP " + h + b"\nm 1\n" for h in [
    b"m", b"m ", b"m x", b"m  x ", b"m\tx", b"m \t x", b"m x\ty", b"m x  y", b"m \\\\ \\n", b"m \\\\", b"m \\t", b"m \\", b"m \\\"", b"m \"q\"", b"m \xff", b"m \xc3\xa9", b"m x\r", b"m \x00", b"m <b>&amp;</b>", b"1m x", b"m-x y", b"m{} x", b" m x", b"m " + b"x" * 5000,
    b"m x\n# HELP m x", b"m x\n# HELP m y", b"m\n# HELP m x", b"m \n# HELP m x", b"m x\n# HELP m", b"m x\n# HELP m ", b"m\n# HELP m\n# HELP m", b"m x\n# HELP n y", b"\xc3\xa9 x", b"m # HELP m x"]]
HELP += [b"m 1\n# HELP m x\n", b"# HELP m x\n", b"# HELP m x", b"# HELP m", b"# HELP m ", b"m 1\n# HELP m x\nm{a=\"b\"} 2\n", b"# HELP m x\n# TYPE m gauge\nm 1\n", b"# TYPE m gauge\n# HELP m x\nm 1\n",
         b"# HELP m x\\ny\nm 1\n", b"m 1\n# HELP m x\n# HELP m y\n"]

TYPES = [b"# TYPE m " + t + b"\nm 1\n" for t in b"""gauge counter untyped GAUGE Counter UnTyped gAuGe unknown info stateset gaug gauges gauge_histogram gaugehistogram GaugeHistogram GAUGE_HISTOGRAM
    gauge,counter 0 1 g\\auge \\gauge gauge\\ g\\\\auge gauge\\n \xc5\xbfummary \xc4\xb1 coun\xc5\xa7er gauge\xff gauge\x00""".split()]
TYPES += [b"# TYPE m\nm 1\n", b"# TYPE m \nm 1\n", b"# TYPE m gauge \nm 1\n", b"# TYPE m gauge\t\nm 1\n", b"# TYPE m  gauge\nm 1\n", b"# TYPE m\tgauge\nm 1\n", b"# TYPE m gauge\r\nm 1\n", b"# TYPE m gauge x\nm 1\n", b"# TYPE m ga\"uge\nm 1\n", b"# TYPE m \"gauge\"\nm 1\n",
          b"# TYPE m gauge\n# TYPE m gauge\nm 1\n", b"# TYPE m gauge\n# TYPE m counter\nm 1\n", b"m 1\n# TYPE m gauge\n", b"m 1\n# TYPE m untyped\n", b"# TYPE m gauge\nm 1\n# TYPE m gauge\n", b"# TYPE m gauge\n", b"# TYPE m gauge", b"# TYPE 1m gauge\nm 1\n", b"# TYPE m-x gauge\nm 1\n",
          b"# TYPE m gauge\nn 1\n", b"# TYPE m gauge\nm 1\nn 1\nm{a=\"b\"} 2\n", b"m 1\nn 1\nm{a=\"b\"} 2\nn{a=\"b\"} 3\n", b"# TYPE m gauge\n\nm 1\n", b"# TYPE m gauge\n# c\nm 1\n", b"# TYPE a counter\n# TYPE b gauge\nb 1\na 2\n"]

TIMESTAMPS = [b"m 1 " + t + b"\n" for t in b"0 1 -1 +1 1395066363000 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 1.5 1e3 0x10 1_0 00 NaN abc - +".split()]
TIMESTAMPS += [b"m 1  5\n", b"m 1\t5\n", b"m 1 5", b"m{a=\"b\"} 1 5\n", b"m 1 5 \n", b"m 1 5 6\n", b"m 1 5x\n", b"m 1 5\nm 2\n", b"m 1\nn 2 5\n", b"# TYPE h histogram\nh_bucket{le=\"1\"} 1 5\n", b"# TYPE s summary\ns_sum 1 5\n"]

SUMMARY = [b"# TYPE s summary\n" + b for b in [
    b"", b"s 1\n", b's{quantile="0.5"} 1\n', b's{quantile="0.5"} 1\ns_sum 2\ns_count 3\n', b's_count 3\ns_sum 2\ns{quantile="0.5"} 1\n', b"s_sum 2\n", b"s_count 3\n", b's{quantile="0.9"} 1\ns{quantile="0.5"} 2\n', b's{quantile="0.5"} 1\ns{quantile="0.5"} 2\n',
    b's{quantile="NaN"} 1\n', b's{quantile="nan"} 1\ns_sum 1\n', b's{quantile="Inf"} 1\n', b's{quantile="-1"} 1\n', b's{quantile="2"} 1\n', b's{quantile="x"} 1\n', b's{quantile=""} 1\n', b's{quantile="0x1"} 1\n', b's{quantile="1_0"} 1\n', b's{quantile="1.0"} 1\n', b's{quantile=" 1"} 1\n', b's{quantile="1e400"} 1\n',
    b's{quantile="0.5",quantile="0.9"} 1\n', b's{a="b",quantile="0.5"} 1\ns{quantile="0.9",a="b"} 2\ns_sum{a="b"} 3\ns_count{a="c"} 4\n', b's{le="1"} 1\n', b's_sum{quantile="0.5"} 1\n', b's_count{quantile="0.5"} 1\n', b's_bucket{le="1"} 1\n', b's{quantile="0.5"} 1\n\ns{quantile="0.5",x="y"} 1\n',
    b"s_count 1.9\n", b"s_count -1\n", b"s_count -1.5\n", b"s_count NaN\n", b"s_count +Inf\n", b"s_count -Inf\n", b"s_count 9223372036854775807\n", b"s_count 9223372036854775808\n", b"s_count 1e19\n", b"s_count 18446744073709551615\n", b"s_count 1e20\n", b"s_count -9223372036854775808\n", b"s_count -1e19\n", b"s_count 4294967296.5\n", b"s_count 9007199254740993\n", b"s_count 0.5\n",
    b"s_count 1\ns_count 2\n", b"s_sum 1\ns_sum 2\n", b"s_sum NaN\n", b"s_total 1\n", b"s_count_count 1\n", b"s_created 5\n", b"s_sum 1\n# HELP s_sum x\n", b"# HELP s_sum x\ns_sum 1\n", b"# TYPE s_sum gauge\ns_sum 1\n", b"# TYPE s_bucket gauge\ns_bucket 1\n", b's{quantile="-0"} 1\n', b's{quantile="0"} 1\ns{quantile="1"} NaN\n']]
SUMMARY += [b's{quantile="0.5"} 1\n# TYPE s summary\n', b's_count 1\n# TYPE s summary\ns_sum 2\n', b's_count 1\n# TYPE s summary\ns_count 2\n', b's{quantile="0.5"} 1\ns_count 2\n', b"s_count 1\ns_sum 2\n"]

HISTOGRAM = [b"# TYPE h histogram\n" + b for b in [
    b"", b"h 5\n", b'h{le="1"} 5\n', b'h_bucket{le="1"} 5\n', b'h_bucket{le="1"} 5\nh_sum 1\nh_count 5\n', b'h_count 5\nh_sum 1\nh_bucket{le="1"} 5\n', b'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n', b'h_bucket{le="+Inf"} 2\nh_bucket{le="1"} 1\nh_count 2\n', b'h_bucket{le="2"} 3\nh_bucket{le="1"} 5\nh_count 4\n',
    b'h_bucket{le="1.0"} 1\nh_bucket{le="1"} 2\n', b'h_bucket{le="1e3"} 1\n', b'h_bucket{le="inf"} 1\n', b'h_bucket{le="-Inf"} 1\n', b'h_bucket{le="NaN"} 1\n', b'h_bucket{le="nan"} 1\nh_count 3\n', b'h_bucket{le="x"} 1\n', b'h_bucket{le=""} 1\n', b'h_bucket{le="0x1"} 1\n', b'h_bucket{le="1_0"} 1\n', b'h_bucket 1\n', b'h_bucket{a="b"} 1\n', b'h_bucket{a="b"} 1\nh_sum{a="b"} 5\n',
    b'h_bucket{le="1",le="2"} 1\n', b'h_bucket{a="b",le="1"} 1\nh_bucket{le="2",a="b"} 2\nh_sum{a="b"} 3\nh_count{a="c"} 4\n', b'h_sum 1\n', b'h_count 3\n', b'h_sum{le="1"} 1\n', b'h_count{le="1"} 1\n', b'h{quantile="0.5"} 1\n', b'h_bucket{quantile="0.5",le="1"} 1\n', b"h_sum -1\n", b"h_sum NaN\nh_count 0\n",
    b'h_bucket{le="1"} 1.5\nh_count 2\n', b'h_bucket{le="1"} 1\nh_count 2.5\n', b'h_bucket{le="1"} 1.5\nh_bucket{le="2"} 2\nh_bucket{le="+Inf"} 3\nh_count 3\nh_sum 1\n', b'h_bucket{le="1"} 1\nh_bucket{le="2"} 2.5\nh_bucket{le="3"} 3\nh_count 4\n', b'h_count 4\nh_bucket{le="1"} 1\nh_bucket{le="2"} 2.5\n', b'h_count 4.5\nh_bucket{le="1"} 0\n', b'h_bucket{le="1"} 0.5\nh_count 0\n',
    b'h_bucket{le="1"} -1\n', b"h_count -1\n", b'h_bucket{le="1"} -0\n', b"h_count -0\n", b"h_count -0.5\n", b'h_bucket{le="1"} NaN\n', b"h_count NaN\n", b'h_bucket{le="1"} +Inf\n', b"h_count +Inf\n", b"h_count -Inf\n", b"h_count 1e19\n", b"h_count 18446744073709551615\n", b"h_count 1e20\n", b'h_bucket{le="1"} 9007199254740993\n', b"h_count 1e300\n", b"h_count 1.0\n", b"h_count 1e2\n",
    b"h_count 1\nh_count 2\n", b'h_bucket{le="1"} 1\nh_bucket{le="1"} 1\n', b"# HELP h_sum x\nh_sum 1\n", b"# HELP h_bucket x\n# HELP h y\n", b"# TYPE h_count counter\nh_count 1\n", b"# TYPE h_bucket gauge\n", b"h_total 1\n", b"h_gsum 1\n", b"h_bucket_bucket 1\n", b'h_bucket{le="1"} 1\nn 1\nh_count 2\n', b'h_bucket{le="-0"} 1\nh_bucket{le="0"} 1\n', b'h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2.5\nh_sum 1\nh_count 1\n']]
HISTOGRAM += [b'h_bucket{le="1"} 1\n# TYPE h histogram\nh_bucket{le="2"} 1\n', b'h_bucket{le="1"} 1\nh_sum 1\nh_count 1\n', b'h_count 1\n# TYPE h histogram\nh_count 2\n']

GAUGE_HISTOGRAM = [b"# TYPE g gaugehistogram\n" + b for b in [
    b"", b"g 1\n", b'g_bucket{le="1"} 1\n', b'g_bucket{le="1"} 1\ng_sum 2\ng_count 3\n', b'g_bucket{le="1"} 1\ng_gsum 2\ng_gcount 3\n', b"g_gcount 1\n", b"g_count -1\n", b'g_bucket{le="1"} -1\n', b'g_bucket{le="1"} 1.5\ng_count 2.5\ng_sum -1\n', b'g_bucket{le="x"} 1\n', b"g_count 1\ng_count 2\n", b"# HELP g_count x\n"]]
GAUGE_HISTOGRAM.append(b"# TYPE g gauge_histogram\n" + b'g_bucket{le="1"} 1\ng_bucket{le="+Inf"} 1\ng_sum 1\ng_count 1\n')

MIXED = [b"a 1\nb 2\nc", b"a 1\nb 2\nc{", b"a 1\n\n\nb x\n", b"# TYPE a gauge\n# TYPE b\na 1\n", b"a 1\n" * 3, b"a{x=\"1\"} 1\na{x=\"2\"} 2\na{x=\"3\"} 3\n", b"a 1\na{instance=\"\"} 1\n", b"b 1\na 1\nc 1\n",
         b"".join(b"m%d{l=\"%d\"} %d\n" % (i % 7, i, i) for i in range(300)), b"".join(b"z%d 1\n" % i for i in range(200)), b"m{a=\"1\"} 1\nm{b=\"0\",a=\"0\"} 2\nm 3\nm{c=\"0\"} 4\n",
         b"push_time_seconds 5\n", b"push_failure_time_seconds 5\n", b"# TYPE push_time_seconds counter\npush_time_seconds 5\n", b"# HELP push_time_seconds mine\npush_time_seconds{a=\"b\"} 5\n", b"m{job=\"other\",instance=\"i\"} 1\n", b"<html>\n", b"{\"a\":1}\n", b"m 1\nm 1\n", b"m{a=\"b\"} 1\nm{a=\"b\"} 2\n",
         b"a=b&c=d", b"m 1%0A", b"m+1", b"m_count 1\nm_sum 2\nm_bucket{le=\"1\"} 3\n"]


def scenarios():
    table = {
        "value": VALUES, "number": NUMBER_EDGES, "space": SPACING, "touching": TOUCHING, "name": NAMES, "label": LABELS, "quoted": QUOTED,
        "comment": COMMENTS, "help": HELP, "type": TYPES, "timestamp": TIMESTAMPS, "summary": SUMMARY,
        "histogram": HISTOGRAM, "gaugehistogram": GAUGE_HISTOGRAM, "mixed": MIXED,
    }
    found = [case for area, bodies in table.items() for case in push_each(f"text/{area}", bodies)]
    found += [case for area in ("name", "label", "quoted", "help", "type")
              for case in push_each(f"text/utf8/{area}", table[area], server="utf8")]
    found += [
        Scenario("text/refused leaves what was there", put("a 1\nb 2\n"), put("a 2\nb"), put("a 2 5\n"), post("c 1\n")),
        Scenario("text/content types are ignored", *[put(f"m {n}\n", headers={"Content-Type": kind}) for n, kind in enumerate(
            ["text/plain", "text/plain; version=0.0.4", "text/html", "application/x-www-form-urlencoded", "application/json", "",
             "garbage;;;", "multipart/form-data; boundary=x", "application/openmetrics-text; version=1.0.0", "text/plain; charset=latin-1"])]),
    ]
    return found
