#include <libwebsockets.h>

/* Swift cannot import the macro: the bytes that must be writable before a payload. */
static const unsigned long lws_padding = LWS_PRE;
