// A page that is opened as a file may not start a Worker; an invisible frame does the same work.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.frame = document.createElement("iframe");
      this.frame.hidden = true;
      document.body.appendChild(this.frame);
      const inner = this.frame.contentWindow;
      window.addEventListener("message", (event) => {
        if (event.source !== inner) return;
        const answer = new MessageEvent("message", { data: event.data });
        this.dispatchEvent(answer);
        if (this.onmessage) this.onmessage(answer);
      });
      const page = inner.document;
      page.open();
      page.write(
        "<script>" +
          "postMessage = (data) => parent.dispatchEvent(" +
          "new MessageEvent('message', { data: data, source: window }));" +
          "importScripts = (...urls) => urls.reduce((before, url) => before.then(() =>" +
          "new Promise((done) => { const script = document.createElement('script');" +
          "script.src = url; script.onload = done; document.body.appendChild(script); })), " +
          "Promise.resolve());" +
          "<\/script><body></body>"
      );
      page.close();
      this.ready = new Promise((done) => {
        const script = page.createElement("script");
        script.src = new URL(url, location.href).href;
        script.onload = done;
        page.body.appendChild(script);
      });
    }

    postMessage(data) {
      this.ready.then(() => {
        const inner = this.frame.contentWindow;
        inner.dispatchEvent(new inner.MessageEvent("message", { data: data }));
      });
    }

    terminate() {
      this.frame.remove();
    }
  };
}
