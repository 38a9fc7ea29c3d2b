# push_metrics.py - Python batch job with metrics
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, push_to_gateway
import time
import random

# Create a separate registry for this job
registry = CollectorRegistry()

# Define metrics
job_duration = Gauge(
    'batch_job_duration_seconds',
    'Duration of batch job in seconds',
    registry=registry
)

records_processed = Counter(
    'batch_job_records_processed_total',
    'Total records processed by batch job',
    registry=registry
)

processing_time = Histogram(
    'batch_job_record_processing_seconds',
    'Time to process each record',
    buckets=[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0],
    registry=registry
)

job_success = Gauge(
    'batch_job_last_success_timestamp',
    'Timestamp of last successful job run',
    registry=registry
)


def process_batch():
    """Simulate batch processing."""
    start_time = time.time()

    # Simulate processing records
    num_records = random.randint(1000, 5000)
    for _ in range(num_records):
        record_start = time.time()
        # Simulate work
        time.sleep(random.uniform(0.001, 0.01))
        processing_time.observe(time.time() - record_start)
        records_processed.inc()

    duration = time.time() - start_time
    job_duration.set(duration)
    job_success.set(time.time())

    return num_records, duration


def main():
    try:
        records, duration = process_batch()
        print(f"Processed {records} records in {duration:.2f}s")

        # Push metrics to Pushgateway
        push_to_gateway(
            'pushgateway:9091',
            job='etl_pipeline',
            registry=registry,
            grouping_key={'instance': 'worker-1'}
        )
        print("Metrics pushed successfully")

    except Exception as e:
        print(f"Error: {e}")
        # Push failure metric
        failure_gauge = Gauge(
            'batch_job_failure_timestamp',
            'Timestamp of job failure',
            registry=registry
        )
        failure_gauge.set(time.time())
        push_to_gateway(
            'pushgateway:9091',
            job='etl_pipeline',
            registry=registry,
            grouping_key={'instance': 'worker-1'}
        )
        raise


if __name__ == '__main__':
    main()
