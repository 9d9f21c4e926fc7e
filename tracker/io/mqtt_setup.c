#include "mqtt_setup.h"

#include "log.h"
#include "mqtt_tls.h"

#include <assert.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mosquitto.h>
#include <mqtt_protocol.h>

/* Makes the library keep the properties of CONNECT, by a connect that is refused at once: the port is bound,
 * so nobody else has it, and not listened on. */
static bool keep_connect_properties(struct mosquitto *m, uint32_t expiry_s, int keepalive_s)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    mosquitto_property *props = NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok =
        fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
        getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
        mosquitto_property_add_int32(&props, MQTT_PROP_SESSION_EXPIRY_INTERVAL, expiry_s) == MOSQ_ERR_SUCCESS;
    if (ok) {
        int rc = mosquitto_connect_bind_v5(m, "127.0.0.1", ntohs(at.sin_port), keepalive_s, NULL, props);
        ok = rc == MOSQ_ERR_ERRNO || rc == MOSQ_ERR_CONN_REFUSED;
    }
    mosquitto_property_free_all(&props);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool mqtt_setup(struct mosquitto *m, const struct mqtt_options *o)
{
    const struct mqtt_will *w = &o->will;
    const char *failed = NULL;
    if (mosquitto_int_option(m, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5) != MOSQ_ERR_SUCCESS)
        failed = "protocol version";
    else if (mosquitto_threaded_set(m, true) != MOSQ_ERR_SUCCESS)
        failed = "threaded";
    else if (mosquitto_int_option(m, MOSQ_OPT_RECEIVE_MAXIMUM, o->receive_max) != MOSQ_ERR_SUCCESS)
        failed = "receive_max";
    else if (mosquitto_int_option(m, MOSQ_OPT_TCP_NODELAY, 1) != MOSQ_ERR_SUCCESS)
        failed = "nodelay";
    else if (o->username != NULL &&
             mosquitto_username_pw_set(m, o->username, o->password) != MOSQ_ERR_SUCCESS)
        failed = "username or password";
    else if (w->topic != NULL && mosquitto_will_set_v5(m, w->topic, (int)w->payload.len, w->payload.data,
                                                       w->qos, w->retain, NULL) != MOSQ_ERR_SUCCESS)
        failed = "will";
    else if (!keep_connect_properties(m, o->session_expiry_s, o->keepalive_s))
        failed = "session expiry";
    if (failed != NULL)
        log_error("mqtt_option", LOG_STR("option", failed));
    return failed == NULL;
}

enum mqtt_error mqtt_setup_tls(struct mosquitto *m, const struct mqtt_options *o)
{
    struct ssl_ctx_st *ctx;
    enum mqtt_error error = mqtt_tls_new(o, &ctx);
    if (error != MQTT_OK)
        return error;
    if (mosquitto_void_option(m, MOSQ_OPT_SSL_CTX, ctx) != MOSQ_ERR_SUCCESS ||
        mosquitto_int_option(m, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0) != MOSQ_ERR_SUCCESS)
        error = MQTT_BAD_OPTION;
    mqtt_tls_free(ctx); /* the library has taken a reference */
    return error;
}
