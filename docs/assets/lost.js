// The page of an unknown address: what the address says is put to the search.
document$.subscribe(() => {
  const place = document.querySelector(".lost");
  if (!place) return;
  const words = decodeURIComponent(location.pathname).split("/").filter(Boolean).pop() ?? "";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "md-button";
  button.textContent = "Search for it";
  button.onclick = () => {
    const box = document.querySelector(".md-search__input");
    document.getElementById("__search").checked = true;
    box.focus();
    box.value = words.replace(/\.\w+$/, "").replaceAll(/[_-]+/g, " ");
    box.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
  };
  place.append(button);
});
