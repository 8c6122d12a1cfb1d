// What a page's scripts do with the caret: for Chromium in test_focus.py, for Firefox in tests/firefox.
({
  /** How a page can ask for a field that has no frame yet. */
  asks: {
    "by a script": ({ body, made }) => {
      body.append(made);
      made.focus();
    },
    "from a button": ({ body, made, button }) => {
      body.append(button, made);
      button.focus();
      made.focus();
    },
    "by a dialog": ({ body, made, dialog }) => {
      body.append(dialog);
      dialog.append(made);
      dialog.showModal();
    },
    "by a popover": ({ body, made, dialog }) => {
      made.autofocus = true;
      dialog.popover = "auto";
      body.append(dialog);
      dialog.append(made);
      dialog.showPopover();
    },
    "in a shadow tree": ({ body, made, dialog, host }) => {
      body.append(dialog);
      dialog.show();
      dialog.append(host);
      host.attachShadow({ mode: "open" }).append(made);
      made.focus();
    },
  },

  /** Make a field, as `made`, and ask for it. */
  ask(how) {
    const make = (name) => document.createElement(name);
    window.made = Object.assign(make("secure-input"), { id: "ssn" });
    const [dialog, button, host] = ["dialog", "button", "div"].map(make);
    this.asks[how]({ body: document.body, made, dialog, button, host });
  },

  /** Ask for a new field, and go on to `#own`: at once, or in the turn in which its frame comes. */
  goOn(isThere) {
    const made = Object.assign(document.createElement("secure-input"), { id: "ssn" });
    own.after(made);
    const leave = () => {
      if (isThere && !made.shadowRoot.querySelector("iframe.ready, i")) return;
      seen.disconnect();
      own.focus();
    };
    const seen = new MutationObserver(leave);
    seen.observe(made.shadowRoot, { attributes: true, childList: true, subtree: true });
    made.focus();
    leave();
  },
})
