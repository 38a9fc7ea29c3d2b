#include "process_metrics.h"
#include "suite.h"

#include <fcntl.h>
#include <math.h>
#include <time.h>
#include <unistd.h>

START_TEST(figures_are_sane)
{
    struct process_metrics m = process_metrics_read();
    ck_assert(m.cpu_seconds >= 0);
    ck_assert(m.resident_bytes > 100e3);
    ck_assert(m.virtual_bytes >= m.resident_bytes);
    ck_assert(m.max_virtual_bytes >= m.virtual_bytes);
    ck_assert(m.max_fds > m.open_fds);
    ck_assert(m.network_receive_bytes >= 0);
    ck_assert(m.network_transmit_bytes >= 0);
    ck_assert(fabs(m.start_time_seconds - (double)time(NULL)) < 600);
}
END_TEST

START_TEST(open_descriptors_are_counted)
{
    double before = process_metrics_read().open_fds;
    int fd = open("/dev/null", O_RDONLY);
    ck_assert_int_ge(fd, 0);
    ck_assert_double_eq(process_metrics_read().open_fds, before + 1);
    close(fd);
    ck_assert_double_eq(process_metrics_read().open_fds, before);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("process_metrics");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, figures_are_sane);
    tcase_add_test(tc, open_descriptors_are_counted);
    suite_add_tcase(s, tc);
    return suite_run(s);
}
