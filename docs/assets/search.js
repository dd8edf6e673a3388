// What is typed, before the theme's search sees it. The theme turns every word into the beginning of one: "kl" finds "kld_weight" and
// "of" finds "often". Here words that say nothing are left out, and a whole word counts for more than the beginning of another.
const SILENT = new Set(
  "a an and are as at be between by can do does for from how i in is it my not of on or than that the this to two vs what when which why with".split(" "),
);
const OPERATORS = /["*~^]|(?:^|\s)[+-]\w|\b(?:title|text|tags):/; // of those who know how to ask: left as they are
const QUERY = 2; // the kind of message by which the theme asks its worker

const asked = typed => {
  const words = typed.toLowerCase().split(/[^\p{L}\p{N}']+/u).filter(Boolean);
  const telling = words.filter(word => !SILENT.has(word));
  return (telling.length ? telling : words).map(word => `${word}^20 ${word}`).join(" ");
};

const post = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (message, ...rest) {
  const plain = message?.type === QUERY && typeof message.data === "string" && !OPERATORS.test(message.data);
  return post.call(this, plain ? { ...message, data: asked(message.data) } : message, ...rest);
};
