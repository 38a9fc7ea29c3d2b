from prometheus_client import pushadd_to_gateway

# pushadd adds to existing counter values
pushadd_to_gateway(
    'pushgateway:9091',
    job='etl_pipeline',
    registry=registry
)
