'use strict';
// Pushes with prom-client what it is told on standard input, and prints one JSON line a
// call: what the promise gave, and what node really sent. All calls share one connection.

const http = require('http');
const client = require('prom-client');

function registryOfEveryType() {
	const registry = new client.Registry();
	const registers = [registry];
	const counter = new client.Counter({
		name: 'runs_total', help: 'Runs,\nin two lines.', labelNames: ['kind'], registers,
	});
	counter.inc({ kind: 'with "quotes", \\ and\na new line' }, 1e6);
	counter.inc({ kind: 'ü' });
	new client.Gauge({ name: 'level', help: 'Level.', registers }).set(-2.5e-7);
	const histogram = new client.Histogram({
		name: 'latency_seconds', help: 'Latency.', buckets: [0.1, 1, 2.5], labelNames: ['op'], registers,
	});
	[0.05, 0.5, 2, 99].forEach((seconds) => histogram.observe({ op: 'read' }, seconds));
	const summary = new client.Summary({
		name: 'size_bytes', help: 'Size.', percentiles: [0.5], registers,
	});
	[1, 2, 3].forEach((bytes) => summary.observe(bytes));
	return registry;
}

async function call(gateway, { method, params }) {
	try {
		const { resp, body } = await gateway[method](params);
		return {
			status: resp.statusCode,
			body,
			sent: resp.req._header,
			reused: resp.req.reusedSocket,
		};
	} catch (error) {
		return { error: String(error.message) };
	}
}

async function main() {
	const order = JSON.parse(require('fs').readFileSync(0, 'utf8'));
	const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
	const options = { agent, timeout: 10000, ...order.options };
	const gateway = new client.Pushgateway(order.url, options, registryOfEveryType());
	for (const one of order.calls) {
		console.log(JSON.stringify(await call(gateway, one)));
	}
	agent.destroy();
}

main();
