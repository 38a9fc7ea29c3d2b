// pusher pushes one gauge with client_golang over TLS, with a password and a client certificate:
//
//	pusher URL USER PASSWORD CA CERTIFICATE KEY
//
// The last three are PEM files; it exits 1 with client_golang's error when it reports one.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
)

func run(url, user, password, ca, certificate, key string) error {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}},
		ForceAttemptHTTP2: true,
	}}
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "pushed_by_go", Help: "By Go."})
	gauge.Set(42)
	pusher := push.New(url, "go").Client(client).BasicAuth(user, password).Collector(gauge)
	for _, do := range []func() error{pusher.Push, pusher.Add} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if len(os.Args) != 7 {
		fmt.Fprintln(os.Stderr, "wrong number of arguments")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
