#ifndef ELK_CKERNELS_H
#define ELK_CKERNELS_H
#include "logits.h"
#endif
