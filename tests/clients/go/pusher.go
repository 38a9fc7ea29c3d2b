// pusher pushes with client_golang what it is told on standard input, one JSON object,
// and exits 1 with client_golang's error on standard error when it reports one.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/prometheus/common/expfmt"
)

type order struct {
	URL      string
	Job      string
	Grouping map[string]string
	// Do lists methods to call one after the other: push, add, delete.
	Do []string
	// Text pushes in the text format instead of delimited protobuf.
	Text bool
	// Metrics names the sets below.
	Metrics []string
}

// Every set gives its collectors anew, with the same values each time.
var sets = map[string]func() []prometheus.Collector{
	"gauge": func() []prometheus.Collector {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "level", Help: "Level.\nWith \\ and \"."})
		g.Set(-2.5e-7)
		return []prometheus.Collector{g}
	},
	"counter": func() []prometheus.Collector {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "runs_total", Help: "Runs."}, []string{"kind"})
		c.WithLabelValues("with \"quotes\", \\ and\na new line").Add(123456789)
		c.WithLabelValues("").Inc()
		return []prometheus.Collector{c}
	},
	"exemplar": func() []prometheus.Collector {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: "traced_total", Help: "Traced."})
		c.(prometheus.ExemplarAdder).AddWithExemplar(3, prometheus.Labels{"trace_id": "abc"})
		return []prometheus.Collector{c}
	},
	"histogram": func() []prometheus.Collector {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "latency_seconds", Help: "Latency.", Buckets: []float64{0.1, 1, 2.5},
		})
		for _, v := range []float64{0.05, 0.5, 2, 99} {
			h.Observe(v)
		}
		return []prometheus.Collector{h}
	},
	"summary": func() []prometheus.Collector {
		s := prometheus.NewSummary(prometheus.SummaryOpts{
			Name: "size_bytes", Help: "Size.", Objectives: map[float64]float64{0.5: 0.05, 0.99: 0.001},
		})
		for i := 1; i <= 100; i++ {
			s.Observe(float64(i))
		}
		return []prometheus.Collector{s}
	},
	"untyped": func() []prometheus.Collector {
		return []prometheus.Collector{prometheus.NewUntypedFunc(
			prometheus.UntypedOpts{Name: "anything", Help: "Untyped."}, func() float64 { return 7 },
		)}
	},
	"native": func() []prometheus.Collector {
		h := prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "native_seconds", Help: "Native histogram.", NativeHistogramBucketFactor: 1.1,
		})
		for _, v := range []float64{-3, 0, 0.25, 0.5, 0.5, 8} {
			h.Observe(v)
		}
		return []prometheus.Collector{h}
	},
}

func run() error {
	var o order
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	p := push.New(o.URL, o.Job)
	for name, value := range o.Grouping {
		p.Grouping(name, value)
	}
	if o.Text {
		p.Format(expfmt.FmtText)
	}
	for _, name := range o.Metrics {
		set, known := sets[name]
		if !known {
			return fmt.Errorf("no metrics %q", name)
		}
		for _, c := range set() {
			p.Collector(c)
		}
	}
	calls := map[string]func() error{"push": p.Push, "add": p.Add, "delete": p.Delete}
	for _, name := range o.Do {
		if err := calls[name](); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
