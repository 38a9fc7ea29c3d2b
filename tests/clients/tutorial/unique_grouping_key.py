# Include enough context to identify the job run
push_to_gateway(
    'pushgateway:9091',
    job='etl_pipeline',
    grouping_key={
        'instance': hostname,
        'run_id': run_id,
    }
)
