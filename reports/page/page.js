// The page works without any of this: a browser that runs no script shows all.
"use strict";
