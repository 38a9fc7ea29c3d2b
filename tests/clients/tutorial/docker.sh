# Run Pushgateway container
docker run -d \
  --name pushgateway \
  -p 9091:9091 \
  prom/pushgateway:latest

# With persistence
docker run -d \
  --name pushgateway \
  -p 9091:9091 \
  -v pushgateway_data:/pushgateway \
  prom/pushgateway:latest \
  --persistence.file=/pushgateway/metrics \
  --persistence.interval=5m
