// The index of the search is as large as many pages. The theme asks for it with every page; here that request waits until a
// reader turns to the search, or comes from it.
(() => {
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
})();
