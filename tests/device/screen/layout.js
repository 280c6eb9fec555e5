// Looks at the page as it stands and returns what is wrong with it, as sentences. Used by test_pages.py.
(smallestType) => {
  const faults = [];
  const width = innerWidth;
  const height = innerHeight;
  const name = (element) => `<${element.localName} class="${element.getAttribute("class") ?? ""}"> "${element.textContent.trim().slice(0, 40)}"`;
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !element.closest(".spoken");

  // -- nothing scrolls
  const root = document.documentElement;
  for (const element of [root, document.body]) {
    if (element.scrollWidth > element.clientWidth) faults.push(`${element.localName} is ${element.scrollWidth} px wide`);
    if (element.scrollHeight > element.clientHeight) faults.push(`${element.localName} is ${element.scrollHeight} px high`);
  }

  // -- every text lies in its box and on the screen, is large enough and dark enough, and lies over no other text
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    const element = node.parentElement;
    if (!node.data.trim() || !visible(element) || element.closest("svg, script")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = element.closest("button, h1, p, .words, .page, header").getBoundingClientRect();
    for (const line of range.getClientRects()) {
      if (line.width < 1) continue;
      lines.push([element, line]);
      if (line.left < -0.5 || line.top < -0.5 || line.right > width + 0.5 || line.bottom > height + 0.5) faults.push(`off the screen: ${name(element)}`);
      if (line.left < box.left - 1 || line.right > box.right + 1) faults.push(`wider than its box: ${name(element)}`);
    }
    const style = getComputedStyle(element);
    if (parseFloat(style.fontSize) < smallestType - 0.01) faults.push(`type of ${style.fontSize}: ${name(element)}`);
    const contrast = ratio(style.color, background(element));
    if (contrast < 7) faults.push(`contrast of ${contrast.toFixed(2)}: ${name(element)}`);
  }
  const glyphs = ([, { left, top, right, bottom }]) => ({ left, right, top: top + (bottom - top) * 0.2, bottom: bottom - (bottom - top) * 0.2 });
  lines.forEach((one, i) => {
    for (const other of lines.slice(i + 1)) {
      if (overlap(glyphs(one), glyphs(other))) faults.push(`text over text: ${name(one[0])} and ${name(other[0])}`);
    }
  });

  // -- blocks stay inside the page and do not cover one another
  const blocks = [...document.querySelectorAll("h1, p, button, a, canvas, .digits, .ring")].filter(visible);
  for (const block of blocks) {
    const box = block.getBoundingClientRect();
    if (box.left < -0.5 || box.top < -0.5 || box.right > width + 0.5 || box.bottom > height + 0.5) faults.push(`reaches off the screen: ${name(block)}`);
  }
  const apart = blocks.filter((block) => block.matches("h1, p, button, a") && !block.closest(".countdown"));
  apart.forEach((one, i) => {
    for (const other of apart.slice(i + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      if (overlap(inner(one), inner(other))) faults.push(`covers: ${name(one)} and ${name(other)}`);
    }
  });

  // -- fingers find what can be touched
  for (const target of document.querySelectorAll("button, a, [role=switch]")) {
    const box = target.getBoundingClientRect();
    if (visible(target) && (box.width < 64 || box.height < 64)) faults.push(`target of ${box.width.toFixed(0)}×${box.height.toFixed(0)} px: ${name(target)}`);
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (visible(target) && !target.disabled && !target.contains(hit)) faults.push(`covered by something else: ${name(target)}`);
    if (visible(target) && !target.textContent.trim() && !target.getAttribute("aria-label")) faults.push(`target without a name: ${name(target)}`);
  }
  return [...new Set(faults)];

  function inner(element) {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left: left + 2, top: top + 2, right: right - 2, bottom: bottom - 2 };
  }

  function overlap(a, b) {
    return a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
  }

  function channels(colour) {
    return colour.match(/[\d.]+/g).map(Number);
  }

  function background(element) {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      const [, , , alpha = 1] = channels(colour);
      if (alpha === 1) return colour;
      if (alpha !== 0) faults.push(`half transparent behind text: ${name(each)}`);
    }
    return "rgb(255, 255, 255)";
  }

  // WCAG 2.2, relative luminance and contrast ratio
  function luminance(colour) {
    const [r, g, b] = channels(colour).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function ratio(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }
}
