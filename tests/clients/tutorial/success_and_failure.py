try:
    process_batch()
    job_success.set(1)
except Exception as e:
    job_success.set(0)
    job_error_message.labels(error=str(e)).set(1)
finally:
    push_to_gateway(...)
