// The index of the search is as large as many pages, and its worker is a program of its own. The theme asks for both with every
// page; here they wait until a reader turns to the search, or comes from it.
if (location.protocol !== "file:") (() => {
  const wanted = new Promise(resolve => {
    if (/[?&][hq]=/.test(location.search)) resolve();
    document.addEventListener("focusin", ({ target }) => { if (target.matches(".md-search__input")) resolve(); });
    document.getElementById("__search")?.addEventListener("change", resolve);
  });

  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...rest) {
    this.later = String(url).endsWith("/search/search_index.json");
    return open.call(this, method, url, ...rest);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    if (!this.later) return send.apply(this, body);
    wanted.then(() => send.apply(this, body));
  };

  // In the worker's place until then: it keeps what it is told, and passes on what the worker says.
  const Now = window.Worker;
  class Later extends EventTarget {
    constructor(url) {
      super();
      this.worker = wanted.then(() => {
        const worker = new Now(url);
        worker.addEventListener("message", ({ data }) => this.dispatchEvent(new MessageEvent("message", { data })));
        return worker;
      });
    }
    postMessage(message) { this.worker.then(worker => worker.postMessage(message)); }
    terminate() { this.worker.then(worker => worker.terminate()); }
  }
  window.Worker = new Proxy(Now, {
    construct: (_, [url, ...rest]) => /\/workers\/search\b/.test(url) ? new Later(url) : new Now(url, ...rest),
  });
})();
