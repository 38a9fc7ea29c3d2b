// Writes gob files that no Pushgateway writes but that its types could come to look like: fields in
// another order, fields it does not have, of every kind that gob knows, keys of another type.
package main

import (
	"encoding/gob"
	"log"
	"os"
	"path/filepath"
	"time"
)

type family []byte

func (f family) MarshalBinary() ([]byte, error) { return f, nil }

type chain struct {
	Value int
	Next  *chain
}

type mixed struct {
	Bool    bool
	Int     int
	Uint    uint64
	Float   float64
	Complex complex128
	Bytes   []byte
	Text    string
	Array   [3]int16
	Slice   [][]string
	Map     map[string]map[int]float32
	Chain   *chain
	Nothing struct{ Unset int }
}

type timestamped struct {
	Before               mixed
	GobbableMetricFamily family
	Between              []mixed
	Timestamp            time.Time
	After                *chain
}

type group struct {
	Metrics map[string]timestamped
	Extra   map[string]mixed
	Labels  map[string]string
	Last    mixed
}

type plain struct {
	Timestamp            time.Time
	GobbableMetricFamily family
}

type oldGroup struct {
	Labels  map[string]string
	Metrics map[string]plain
}

type withInterface struct {
	Labels  map[string]string
	Any     interface{}
	Metrics map[string]plain
}

// gauge is the family `name` with one metric without labels and the value 1.
func gauge(name string) family {
	f := append([]byte{0x0a, byte(len(name))}, name...)
	return append(f, 0x18, 1, 0x22, 11, 0x12, 9, 9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f)
}

func chainOf(length int) *chain {
	var c *chain
	for i := 0; i < length; i++ {
		c = &chain{i + 1, c}
	}
	return c
}

func write(name string, value interface{}) {
	f, err := os.Create(filepath.Join(os.Args[1], name))
	if err != nil {
		log.Fatal(err)
	}
	if err := gob.NewEncoder(f).Encode(value); err != nil {
		log.Fatal(err)
	}
	if err := f.Close(); err != nil {
		log.Fatal(err)
	}
}

func main() {
	// A zone whose offset has seconds: version 2 of the encoded time.
	when := time.Unix(1700000000, 123456789).In(time.FixedZone("odd", 3601))
	full := mixed{true, -5, 1 << 63, 1.5, 2i, []byte("b"), "t", [3]int16{-1, 0, 1},
		[][]string{{"a"}, {}, {"b", ""}}, map[string]map[int]float32{"m": {1: 2}, "n": {}}, chainOf(3), struct{ Unset int }{}}
	metrics := map[string]timestamped{"m": {full, gauge("m"), []mixed{{}, full}, when, chainOf(2)}}
	write("other-fields.gob", map[string]group{"k": {metrics, map[string]mixed{"e": full}, map[string]string{"job": "a"}, full}})

	families := map[string]plain{"m": {when, gauge("m")}}
	labels := map[string]string{"job": "a"}
	write("number-keys.gob", map[uint64]oldGroup{1 << 60: {labels, families}})
	write("no-groups.gob", map[string]oldGroup{})
	write("never.gob", map[string]oldGroup{"k": {labels, map[string]plain{"m": {time.Time{}, gauge("m")}}}})
	write("no-family.gob", map[string]oldGroup{"k": {labels, map[string]plain{"m": {when, nil}, "n": {when, gauge("n")}}}})
	write("wrong-name.gob", map[string]oldGroup{"k": {labels, map[string]plain{"x": {when, gauge("m")}, "n": {when, gauge("n")}}}})
	write("no-job.gob", map[string]oldGroup{"k": {map[string]string{"x": "1"}, families}, "l": {labels, families}})
	write("bad-label.gob", map[string]oldGroup{"k": {map[string]string{"job": "b", "__x": "1"}, families}, "l": {labels, families}})
	// For the test to patch.
	two := map[string]plain{"m": {when, gauge("m")}, "n": {when, gauge("n")}}
	write("two-of-each.gob", map[string]oldGroup{"k": {map[string]string{"job": "a", "jab": "b"}, two}})
	gob.Register(chain{})
	write("interface.gob", map[string]withInterface{"k": {labels, chain{}, families}})
	write("deep.gob", map[string]group{"k": {nil, nil, labels, mixed{Chain: chainOf(100)}}})
	write("string.gob", "a string")
	write("other-map.gob", map[string]chain{"k": {1, nil}})
}
