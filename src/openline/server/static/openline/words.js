// While a message is typed: how it will be read, how long it is, how many SMS, how long it takes to say.
// Without this script saving the draft shows the same.
(() => {
  const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
  const TWICE = new Set("^{}\\[~]|€\f");
  const sms = (text) => {
    const signs = [...text];
    const odd = [...new Set(signs.filter((c) => !GSM.has(c) && !TWICE.has(c)))].join("");
    const [alphabet, one, each] = odd ? ["UCS-2", 70, 67] : ["GSM-7", 160, 153];
    const sizes = signs.map((c) => (odd ? c.length : TWICE.has(c) ? 2 : 1));
    if (sizes.reduce((a, b) => a + b, 0) <= one) return { alphabet, odd, parts: text ? 1 : 0 };
    let parts = 1, room = each;
    for (const size of sizes) { if (size > room) { parts += 1; room = each; } room -= size; }
    return { alphabet, odd, parts };
  };
  const show = (card) => {
    const text = card.querySelector("[data-text]"), preview = card.querySelector("[data-preview]"), measure = card.querySelector("[data-measure]");
    if (!text || !preview) return;
    const slots = {};
    card.querySelectorAll("[data-slot]").forEach((i) => { slots[i.dataset.slot] = i.value.trim(); });
    const said = text.value.replace(/\{(\w+)\}/g, (whole, name) => slots[name] || whole);
    const most = card.dataset.most, length = [...said].length;
    const parts = [`${length} characters${most ? ` of ${most}` : ""}`];
    if (card.dataset.channel === "sms") { const s = sms(said); parts.push(`${s.parts} SMS (${s.alphabet})`); if (s.odd) parts.push(`"${s.odd}" halve the room`); }
    if (["ivr", "voice_script"].includes(card.dataset.channel)) parts.push(`${Math.ceil((said.split(/\s+/).filter(Boolean).length * 60) / 140)} s to say`);
    preview.textContent = said;
    measure.textContent = (most && length > Number(most) ? "▲ too long: " : "") + parts.join("; ");
    measure.classList.toggle("too-long", Boolean(most && length > Number(most)));
  };
  document.querySelectorAll("[data-words]").forEach((card) => card.addEventListener("input", () => show(card)));
})();
