// Nodes of the page. Text becomes text nodes only, so nothing in a name is markup.

/**
 * A new element: attributes by name, listeners as `onclick`, then what is in it.
 * @param {string} tag @param {Record<string, any>} attributes @param {(string | Node)[]} children
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null) node.setAttribute(name, value);
  }
  // Keys typed here are not JupyterLab's, where d d deletes the cell; it looks at the focused element first.
  if (node.tabIndex >= 0) node.setAttribute("data-lm-suppress-shortcuts", "true");
  node.append(...children);
  return node;
}
