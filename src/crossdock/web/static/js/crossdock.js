/* What every page loads: each module adds one thing to what works without it. */
import "./live-region.js";
import "./dialogs.js";
import "./forms.js";
import "./toasts.js";
import "./keys.js";
