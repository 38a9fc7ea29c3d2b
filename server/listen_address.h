/* Listening sockets from "host:port", "[::1]:9091", ":9091" (all addresses, IPv6 and IPv4), or from
 * systemd (sd_listen_fds(3)). */
#ifndef LISTEN_ADDRESS_H
#define LISTEN_ADDRESS_H

#include "error.h"

#include <stddef.h>
#include <sys/socket.h>

/* A bound, listening, non-blocking socket, closed on exec; -1: *e says why. Port 0 takes a free
 * one. */
int listen_address_open(const char *address, struct error *e);

/* How many sockets systemd handed over, from descriptor 3 on; they are made non-blocking. */
size_t listen_address_inherited(void);
enum { LISTEN_ADDRESS_FIRST_INHERITED = 3 };

/* "1.2.3.4:80", "[::1]:80", or "@" for a socket that has neither. `to` holds at least 64 bytes. */
void listen_address_format(const struct sockaddr *address, char *to, size_t size);

#endif
