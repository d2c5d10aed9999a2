#ifndef ELK_DASHBOARD_H
#define ELK_DASHBOARD_H

#include <stddef.h>

// The files of the page that the server shows, inside the program: nothing has to be installed beside it.

typedef struct {
    /// As the page asks for it, such as `app.css`.
    const char *_Nonnull name;
    /// Media type, as a header says it.
    const char *_Nonnull type;
    const unsigned char *_Nonnull content;
    size_t size;
} ElkDashboardFile;

size_t elk_dashboard_file_count(void);

/// `index` is below the count.
ElkDashboardFile elk_dashboard_file(size_t index);

#endif
