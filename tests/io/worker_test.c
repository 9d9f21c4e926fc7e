/* Work beside the loop. */
#include "worker.h"

#include "cmocka_all.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

struct job {
    struct loop *loop;
    struct worker *worker;
    pthread_t loops_thread;
    sem_t go_on;
    bool beside, signals_blocked, worked, done;
    int ticks;
};

static void work(void *arg)
{
    struct job *j = arg;
    sigset_t mask;
    sem_wait(&j->go_on); /* the loop has to turn for that */
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    j->signals_blocked = sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGHUP) == 1;
    j->beside = !pthread_equal(pthread_self(), j->loops_thread);
    j->worked = true;
}

static void on_done(void *arg)
{
    struct job *j = arg;
    j->done = true;
    assert_true(j->worked);
    assert_false(worker_busy(j->worker));
    assert_true(pthread_equal(pthread_self(), j->loops_thread));
    loop_stop(j->loop);
}

static void on_tick(void *arg)
{
    struct job *j = arg;
    j->ticks++;
    assert_true(worker_busy(j->worker));
    assert_false(worker_run(j->worker, work, on_done, j)); /* one at a time */
    sem_post(&j->go_on);
}

static void job_init(struct job *j)
{
    *j = (struct job){.loop = loop_new(), .loops_thread = pthread_self()};
    assert_non_null(j->loop);
    j->worker = worker_new(j->loop);
    assert_non_null(j->worker);
    assert_int_equal(sem_init(&j->go_on, 0, 0), 0);
}

static void job_fini(struct job *j)
{
    worker_free(j->worker);
    loop_free(j->loop);
    sem_destroy(&j->go_on);
}

static void test_the_loop_turns_meanwhile(void **state)
{
    struct job j;
    job_init(&j);
    struct loop_timer *timer = loop_timer_new(j.loop, on_tick, &j);
    for (int round = 1; round <= 3; round++) {
        j.worked = j.done = false;
        assert_true(worker_run(j.worker, work, on_done, &j));
        loop_timer_set(timer, 1);
        assert_true(loop_run(j.loop));
        assert_true(j.done && j.beside && j.signals_blocked);
        assert_int_equal(j.ticks, round);
    }
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGTERM), 0);
    loop_timer_free(timer);
    job_fini(&j);
}

static void test_free_waits_for_the_work(void **state)
{
    struct job j;
    job_init(&j);
    assert_true(worker_run(j.worker, work, on_done, &j));
    sem_post(&j.go_on);
    worker_free(j.worker);
    j.worker = NULL;
    assert_true(j.worked);
    assert_false(j.done);
    job_fini(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_loop_turns_meanwhile),
        cmocka_unit_test(test_free_waits_for_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
