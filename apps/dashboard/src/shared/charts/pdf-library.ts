/** Both by one way, so that they are a script of their own, which nobody fetches who makes no PDF. */
export { jsPDF } from "jspdf";
export { svg2pdf } from "svg2pdf.js";
